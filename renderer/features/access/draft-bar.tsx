/** Above the rules: what can be done with them, and what of it is not saved. */
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { commandById, runCommand } from '../../app/commands.ts'
import { useModel } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'
import { ConfirmButton, Icon } from '../../ui/kit.tsx'
import { compareRules, differenceWords } from './draft.ts'
import { faultsOf } from './rules.ts'
import { isOvertaken } from './store.ts'
import { useRules } from './use-access.ts'

export function DraftBar() {
  const model = useModel()
  const draft = useStore(model.access, (state) => state.draft)
  const selected = useStore(model.access, (state) => state.rule !== undefined)
  return (
    <>
      <div className="access-bar">
        <span className="buttons">
          <Act id="access.add" title="New rule" />
          <Act id="access.duplicate" title="Duplicate" disabled={!selected} />
          <Act id="access.remove" title="Delete" disabled={!selected} />
          <Act id="access.undo" title="Undo" disabled={!draft?.past.length} />
          <Act id="access.redo" title="Redo" disabled={!draft?.future.length} />
        </span>
        <span className="spacer" />
        <Unsaved />
        <span className="buttons">
          <Act id="access.history" title="History…" />
          <Act id="access.import" title="Import…" />
          <Act id="access.export" title="Export…" />
        </span>
      </div>
      <Overtaken />
      <Saved />
    </>
  )
}

function Act({ id, title, disabled = false }: { id: string; title: string; disabled?: boolean }) {
  const model = useModel()
  const command = commandById(id)
  return (
    <button
      type="button"
      className="button"
      disabled={disabled}
      title={command.title}
      onClick={() => runCommand(command, model)}
    >
      {title}
    </button>
  )
}

function Unsaved() {
  const { access, show } = useModel()
  const draft = useStore(access, (state) => state.draft)
  const rules = useRules()
  const difference = useMemo(() => draft && compareRules(draft.base.rules, rules), [draft, rules])
  const faulty = rules.find((rule) => faultsOf(rule).length > 0)
  if (!difference || difference.count === 0) return null
  return (
    <>
      <span className="warn number" role="status" title={differenceWords(difference)}>
        {plural(difference.count, 'edit')} not saved
      </span>
      {faulty ? (
        <button type="button" className="button is-asking" onClick={() => access.select(faulty.id)}>
          Show the error
        </button>
      ) : (
        <button type="button" className="button main" onClick={() => show('access-save')}>
          Save…
        </button>
      )}
      <ConfirmButton question="Discard all edits?" onConfirm={access.discard}>
        Discard
      </ConfirmButton>
    </>
  )
}

/** The rules in force are newer than those the draft began with. */
function Overtaken() {
  const { access, live, show } = useModel()
  const draft = useStore(access, (state) => state.draft)
  const version = useStore(live, (state) => state.access?.list.version)
  if (!isOvertaken(draft, version)) return null
  return (
    <div className="access-note is-warn" role="alert">
      <Icon name="warning" />
      <span>
        The rules were changed by somebody else while you edited: version {version} is in force, your edits
        began with {draft?.base.version}. Look at it, then keep yours or drop them.
      </span>
      <span className="buttons">
        <button type="button" className="button" onClick={() => show('access-history')}>
          Look at it
        </button>
        <button type="button" className="button" onClick={access.rebase}>
          Keep mine
        </button>
        <ConfirmButton question="Drop my edits?" onConfirm={access.discard}>
          Drop mine
        </ConfirmButton>
      </span>
    </div>
  )
}

/** What the last save took away from live sessions. */
function Saved() {
  const { access } = useModel()
  const saved = useStore(access, (state) => state.saved)
  if (!saved) return null
  const { version, takenAway } = saved
  return (
    <div className={`access-note ${takenAway.length > 0 ? 'is-warn' : ''}`} role="status">
      <Icon name={takenAway.length > 0 ? 'warning' : 'check'} />
      <div>
        Version {version} is in force.{' '}
        {takenAway.length === 0
          ? 'No live subscription was taken away.'
          : `${plural(takenAway.length, 'live subscription')} that it does not allow ${takenAway.length === 1 ? 'was' : 'were'} taken away:`}
        {takenAway.length > 0 && (
          <ul className="taken-away">
            {takenAway.map(({ endpointId, filter }) => (
              <li key={`${endpointId} ${filter}`}>
                {endpointId} <code>{filter}</code>
              </li>
            ))}
          </ul>
        )}
      </div>
      <button
        type="button"
        className="button quiet"
        aria-label="Dismiss"
        onClick={() => access.setState({ saved: undefined })}
      >
        <Icon name="close" />
      </button>
    </div>
  )
}
