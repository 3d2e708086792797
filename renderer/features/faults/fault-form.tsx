/** One fault, written down or changed. */
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import {
  faultKinds,
  faultWays,
  isInConnack,
  wayOf,
  type Fault,
  type FaultKind,
  type FaultWay,
} from '../../../shared/faults/model.ts'
import { parseFilter } from '../../../shared/filter/filter.ts'
import { Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { FilterEditor } from '../../filter/filter-editor.tsx'
import { Icon } from '../../ui/kit.tsx'
import { ActionFields, NumberField } from './action-fields.tsx'
import { changed, firstActions, kindWords, wayWords } from './draft.ts'

export function FaultForm() {
  const { faults } = useModel()
  const { draft, id, error } = useStore(faults)
  if (!draft) return null
  const edit = (part: { readonly [K in keyof Fault]?: Fault[K] | undefined }) =>
    faults.edit(changed(draft, part))
  const ready = draft.name.trim() !== '' && parseFilter(draft.filter).ok
  return (
    <form
      className="fault-form"
      aria-label="Fault"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) void faults.save()
      }}
    >
      <header>
        <b>{id === undefined ? 'New fault' : 'Change the fault'}</b>
        <span className="spacer" />
        <button type="button" className="button quiet" aria-label="Leave the fault" onClick={faults.leave}>
          <Icon name="close" />
        </button>
      </header>
      <Labelled label="Name, shown at each packet that it meets">
        <input
          className="input"
          value={draft.name}
          maxLength={200}
          onChange={({ target }) => edit({ name: target.value })}
        />
      </Labelled>
      <Whom draft={draft} edit={edit} />
      <Labelled label="What the bench does to it">
        <select
          className="input"
          value={draft.action.kind}
          onChange={({ target }) => edit({ action: firstActions[target.value as FaultKind] })}
        >
          {faultKinds.map((kind) => (
            <option key={kind} value={kind}>
              {kindWords[kind]}
            </option>
          ))}
        </select>
      </Labelled>
      <ActionFields action={draft.action} onAction={(action) => edit({ action })} />
      <HowOften draft={draft} edit={edit} />
      {error && (
        <p className="bad" role="alert">
          {error.message}
        </p>
      )}
      <footer>
        <button type="submit" className="button main" disabled={!ready}>
          {id === undefined ? 'Add and switch on' : 'Save'}
        </button>
        <button type="button" className="button" onClick={faults.leave}>
          Cancel
        </button>
      </footer>
    </form>
  )
}

interface Part {
  readonly draft: Fault
  readonly edit: (part: { readonly [K in keyof Fault]?: Fault[K] | undefined }) => void
}

function Whom({ draft, edit }: Part): ReactNode {
  const { action, device, way, filter } = draft
  const isFixed = wayOf({ way: 'out', action }) !== 'out'
  return (
    <>
      <Labelled label="Device" remark="Endpoint ID, user name or client ID; empty for every client.">
        <input
          className="input"
          value={device}
          placeholder="every client"
          spellCheck={false}
          onChange={({ target }) => edit({ device: target.value.trim() })}
        />
      </Labelled>
      {!isInConnack(action) && (
        <>
          <Labelled label="Packets">
            <select
              className="input"
              value={wayOf(draft)}
              disabled={isFixed}
              onChange={({ target }) => edit({ way: target.value as FaultWay })}
            >
              {faultWays.map((one) => (
                <option key={one} value={one}>
                  {wayWords[one]}
                </option>
              ))}
            </select>
          </Labelled>
          <div className="labelled">
            <span>Filter</span>
            <FilterEditor
              id="fault-filter"
              label="Filter of the fault"
              placeholder={`every packet ${wayWords[way]}`}
              value={filter}
              capture="live"
              onChange={(next) => edit({ filter: next })}
            />
          </div>
        </>
      )}
    </>
  )
}

function HowOften({ draft, edit }: Part): ReactNode {
  return (
    <div className="fault-numbers">
      <NumberField
        label="Percent of them"
        value={draft.percent}
        min={1}
        max={100}
        onValue={(percent) => edit({ percent: percent ?? 100 })}
      />
      <NumberField
        label="Ends after packets"
        value={draft.times}
        min={1}
        max={1_000_000}
        onValue={(times) => edit({ times })}
      />
      <NumberField
        label="Ends after seconds"
        value={draft.seconds}
        min={1}
        max={86_400}
        onValue={(seconds) => edit({ seconds })}
      />
    </div>
  )
}
