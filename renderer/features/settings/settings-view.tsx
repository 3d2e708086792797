/** Every setting of the bench, grouped: what it is, what it may be, and when a change holds. */
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { SettingInfo } from '../../../shared/contract/settings.ts'
import { useModel } from '../../app/model.ts'
import { useKeptScroll } from '../../app/use-kept-scroll.ts'
import { plural } from '../../ui/format.ts'
import { Card, Empty, Icon } from '../../ui/kit.tsx'
import { settingGroups, waits } from './groups.ts'
import { SettingRow } from './setting-row.tsx'
import './settings.css'

export function SettingsView() {
  const { host, live, notices } = useModel()
  const scroll = useKeptScroll('settings')
  /** What is changed elsewhere shows in the state of the bench. */
  const bench = useStore(live, (state) => state.bench)
  const certificates = useStore(live, (state) => state.certificates)
  const workspace = bench?.workspace.path
  const [settings, setSettings] = useState<readonly SettingInfo[]>()
  const [filter, setFilter] = useState('')
  const [changes, setChanges] = useState(0)
  useEffect(() => {
    let current = true
    void host.call('settings.list', undefined).then((answer) => {
      if (!current) return
      if (answer.ok) setSettings(answer.value)
      else notices.getState().fail(answer.error)
    })
    return () => {
      current = false
    }
  }, [host, notices, bench, certificates, changes])

  if (!settings) return <Empty>Reading the settings…</Empty>
  const groups = settingGroups(settings, filter)
  const waiting = settings.filter(waits).length
  return (
    <div className="settings">
      <header className="settings-head">
        <input
          className="input"
          type="search"
          placeholder="Find a setting"
          aria-label="Find a setting"
          value={filter}
          onChange={({ target }) => setFilter(target.value)}
        />
        <span className="dim cut" title={`${workspace ?? ''}/bench.json`}>
          kept in {workspace}/bench.json
        </span>
        <span className="spacer" />
        {waiting > 0 && (
          <span className="warn settings-waiting" role="status">
            <Icon name="warning" /> {plural(waiting, 'change')} {waiting === 1 ? 'waits' : 'wait'} for the
            next start
          </span>
        )}
      </header>
      {groups.length === 0 ? (
        <Empty>No setting has “{filter}” in its name or description.</Empty>
      ) : (
        <div className="settings-body" ref={scroll}>
          <div className="settings-groups">
            {groups.map(({ id, title, settings: members }) => (
              <Card key={id} title={title}>
                {members.map((info) => (
                  <SettingRow
                    key={info.name}
                    info={info}
                    onChanged={() => setChanges((before) => before + 1)}
                  />
                ))}
              </Card>
            ))}
          </div>
        </div>
      )}
    </div>
  )
}
