/** The capture under the cursor: its facts, its name and note to change in place, and what can be done with it. */
import { useState } from 'react'
import type { CaptureInfo } from '../../../shared/contract/model.ts'
import { Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { useNow } from '../../ui/clock.ts'
import { count, plural, size } from '../../ui/format.ts'
import { ConfirmButton, Icon, State } from '../../ui/kit.tsx'
import { openDoctor } from '../doctor/actions.ts'
import { Evidence } from './evidence.tsx'
import { exportCapture, openCapture } from './commands.ts'
import { lengthText, startedText, stateTones, stateWords } from './facts.ts'

export function CaptureDetail({ info }: { info: CaptureInfo }) {
  const model = useModel()
  const { id, state } = info
  const isLive = state === 'live'
  return (
    <section className="capture-detail" id="capture-detail" aria-label={info.name} tabIndex={-1}>
      <Name info={info} />
      {info.remark && (
        <p className="remark is-dropped">
          <Icon name="warning" />
          <span>{info.remark}</span>
        </p>
      )}
      <div className="buttons">
        <button
          type="button"
          className="button main"
          disabled={state === 'opening'}
          onClick={() => void openCapture(model, id)}
        >
          {isLive || state === 'open' ? 'Show its packets' : state === 'opening' ? 'Opening…' : 'Open'}
        </button>
        {state === 'open' && (
          <button type="button" className="button" onClick={() => void model.run('captures.close', { id })}>
            Close
          </button>
        )}
        <button
          type="button"
          className="button"
          disabled={!isLive && state !== 'open'}
          title={!isLive && state !== 'open' ? 'Open it first' : undefined}
          onClick={() => exportCapture(model, info)}
        >
          Export…
        </button>
        <button
          type="button"
          className="button"
          disabled={!isLive && state !== 'open'}
          title={
            !isLive && state !== 'open'
              ? 'Open it first'
              : 'How far did a device come, and what was in the way?'
          }
          onClick={() => openDoctor(model, isLive ? 'live' : id)}
        >
          Examine…
        </button>
        <button
          type="button"
          className="button"
          aria-pressed={info.pinned}
          title="A pinned capture is never dropped to make room"
          onClick={() => void model.run('captures.update', { id, pinned: !info.pinned })}
        >
          <Icon name="pin" />
          {info.pinned ? 'Unpin' : 'Pin'}
        </button>
        {!isLive && (
          <ConfirmButton
            question={`Move ${size(info.bytes)} to the trash?`}
            disabled={state === 'opening'}
            onConfirm={() => void model.run('captures.delete', { id })}
          >
            Delete
          </ConfirmButton>
        )}
      </div>
      <Facts info={info} />
      {info.evidence && <Evidence id={id} />}
      <Note info={info} />
    </section>
  )
}

function Facts({ info }: { info: CaptureInfo }) {
  const now = useNow()
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Started', `${startedText(info)} UTC`],
    ['Length', lengthText(info, now)],
    ['Packets', info.rows === undefined ? 'known once it was opened' : count(info.rows)],
    ['Size', size(info.bytes)],
    ['Dropped', info.droppedRows > 0 ? `${plural(info.droppedRows, 'oldest packet')} for the budget` : ''],
    ['Imported from', info.importedFrom],
    ['Filter', info.filter],
  ]
  return (
    <dl className="capture-facts number">
      <div>
        <dt>State</dt>
        <dd>
          <State tone={stateTones[info.state]}>{stateWords[info.state]}</State>
        </dd>
      </div>
      {facts.map(
        ([name, value]) =>
          value && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

/** Text being changed; what the bench says anew is shown unless somebody is typing. */
function useDraft(value: string, keep: (text: string) => void) {
  const [draft, setDraft] = useState<string>()
  return {
    value: draft ?? value,
    change: setDraft,
    reset: () => setDraft(undefined),
    keep: () => {
      if (draft !== undefined && draft !== value) keep(draft)
      setDraft(undefined)
    },
  }
}

function Name({ info }: { info: CaptureInfo }) {
  const model = useModel()
  const draft = useDraft(info.name, (name) => {
    if (name.trim()) void model.run('captures.update', { id: info.id, name: name.trim() })
  })
  return (
    <input
      className="in-place capture-name"
      aria-label="Name of the capture"
      maxLength={200}
      value={draft.value}
      onChange={(event) => draft.change(event.target.value)}
      onBlur={draft.keep}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur()
        else if (event.key === 'Escape') draft.reset()
      }}
    />
  )
}

function Note({ info }: { info: CaptureInfo }) {
  const model = useModel()
  const draft = useDraft(info.note, (note) => void model.run('captures.update', { id: info.id, note }))
  return (
    <Labelled label="Note">
      <textarea
        className="in-place capture-note"
        placeholder="What this capture shows: firmware, set-up, ticket…"
        rows={6}
        maxLength={20_000}
        value={draft.value}
        onChange={(event) => draft.change(event.target.value)}
        onBlur={draft.keep}
        onKeyDown={(event) => {
          if (event.key === 'Escape') draft.reset()
        }}
      />
    </Labelled>
  )
}
