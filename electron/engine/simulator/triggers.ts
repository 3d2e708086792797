/** What a Subscription with a TriggerAction of Config changes when it is triggered (TR-181, TriggerConfigSettings). Pure. */
import type { DataModel } from './data-model.ts'
import { faultOf } from './fault.ts'
import { writeSettings } from './messages/settings.ts'
import { readPath, resolve } from './resolve.ts'
import { splitList } from './values.ts'

/** `path=value`; a search expression in the path has its own equal signs. */
const SETTING = /^((?:[^=[]|\[[^\]]*\])+)=(.*)$/s

/** `settings`: `path=value`, several of them with commas between. What cannot be set is left as it is: nobody asks. */
export function applySettings(model: DataModel, settings: string): void {
  for (const setting of splitList(settings)) {
    const [, text = '', value = ''] = SETTING.exec(setting) ?? []
    faultOf(() => {
      const path = readPath(text)
      const given = [{ param: path.leaf, value, required: true }]
      for (const place of resolve(model, path)) writeSettings(model, place, given, 'change')
    })
  }
}
