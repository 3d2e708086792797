/** USP Records (TR-369) as a content view. */
import { peekRecord } from '../../usp/peek.ts'
import { dissectRecord } from '../../usp/record.ts'
import { treeText } from '../copy.ts'
import { saysType, type ContentHints, type ContentView } from './view.ts'

/** Content Types of a Record (R-MQTT.27, R-MQTT.27a); the last is a typing error of an older standard. */
const recordTypes = ['usp.msg', 'application/vnd.bbf.usp.msg', 'application/vnd.usp.msg']

/** Whether the packet says that its payload is a Record. */
export const saysRecord = (hints: ContentHints): boolean => saysType(hints, recordTypes)

export const uspView: ContentView = {
  id: 'usp',
  label: 'USP Record',
  score(payload, hints) {
    // What calls itself a Record is shown as one, so that a broken one shows where it is broken.
    if (saysRecord(hints)) return 1
    return peekRecord(payload, 0, payload.length) === undefined ? 0 : 0.98
  },
  dissect: dissectRecord,
  text: (payload) => treeText(dissectRecord(payload, 0, payload.length)),
}
