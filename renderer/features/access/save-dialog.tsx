/** Before the draft comes into force: what it changes, and a note for the history. */
import { useState } from 'react'
import { useStore } from 'zustand'
import { ruleLabel, type AclRule } from '../../../shared/acl/model.ts'
import { Dialog } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { count } from '../../ui/format.ts'
import { ConfirmButton, Icon } from '../../ui/kit.tsx'
import { compareRules } from './draft.ts'
import { faultsOf } from './rules.ts'
import { isOvertaken } from './store.ts'

const MAX_NOTE = 2000
/** Rules named of each kind; the rest is counted. */
const NAMED = 8

export function SaveDialog() {
  const { access, live, show } = useModel()
  const draft = useStore(access, (state) => state.draft)
  const error = useStore(access, (state) => state.saveError)
  const saving = useStore(access, (state) => state.saving)
  const version = useStore(live, (state) => state.access?.list.version)
  const [note, setNote] = useState('')
  if (!draft) return null
  const { added, changed, moved, removed } = compareRules(draft.base.rules, draft.rules)
  const overtaken = isOvertaken(draft, version) || error?.code === 'conflict'
  const faulty = draft.rules.findIndex((rule) => faultsOf(rule).length > 0)
  const save = async () => {
    if (await access.save(note.trim())) show('none')
  }
  const place = (rule: AclRule) => draft.rules.indexOf(rule)
  const before = (rule: AclRule) => draft.base.rules.indexOf(rule)
  return (
    <Dialog
      title="Save the rules"
      action={{ title: 'Put in force', disabled: saving || overtaken || faulty >= 0, run: () => void save() }}
    >
      <div className="save-changes">
        <Changed title="Added" rules={added} place={place} />
        <Changed title="Changed" rules={changed} place={place} />
        <Changed title="Moved" rules={moved} place={place} />
        <Changed title="Deleted" rules={removed} place={before} />
      </div>
      <label className="labelled">
        <span>Note for the history</span>
        <textarea
          className="input"
          rows={2}
          autoFocus
          maxLength={MAX_NOTE}
          placeholder="Why, e.g. lab guests may only listen"
          value={note}
          onChange={({ target }) => setNote(target.value)}
        />
      </label>
      <p className="dim">
        It holds from the next packet of every session on. Live subscriptions that it does not allow are taken
        away; which ones is told afterwards.
      </p>
      {faulty >= 0 && (
        <p className="bad" role="alert">
          Rule {faulty + 1} has an error: mend it first. {faultsOf(draft.rules[faulty]!)[0]?.text}
        </p>
      )}
      {overtaken ? (
        <div className="access-note is-warn" role="alert">
          <Icon name="warning" />
          <span>
            The rules were changed by somebody else meanwhile: version {version} is in force. Look at it
            first; putting yours in force replaces it, and the history keeps it.
          </span>
          <span className="buttons">
            <button type="button" className="button" onClick={() => show('access-history')}>
              Look at it
            </button>
            <ConfirmButton question="Replace it with mine?" onConfirm={access.rebase}>
              Keep mine
            </ConfirmButton>
          </span>
        </div>
      ) : (
        error && (
          <p className="bad" role="alert">
            {error.message}
          </p>
        )
      )}
    </Dialog>
  )
}

interface ChangedProps {
  readonly title: string
  readonly rules: readonly AclRule[]
  readonly place: (rule: AclRule) => number
}

function Changed({ title, rules, place }: ChangedProps) {
  if (rules.length === 0) return null
  return (
    <section>
      <h3>
        {title} <span className="dim number">{count(rules.length)}</span>
      </h3>
      <ul>
        {rules.slice(0, NAMED).map((rule) => (
          <li key={rule.id} className="cut">
            {ruleLabel(place(rule), rule)}
          </li>
        ))}
        {rules.length > NAMED && <li className="dim">and {count(rules.length - NAMED)} more</li>}
      </ul>
    </section>
  )
}
