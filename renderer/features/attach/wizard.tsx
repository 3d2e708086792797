/** Attaching a device step by step, up to its first answer. */
import { useState } from 'react'
import { useStore } from 'zustand'
import type { LanAddress, ListenerState } from '../../../shared/contract/model.ts'
import { Dialog } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { Icon } from '../../ui/kit.tsx'
import { sortedAddresses } from '../bench/addresses.ts'
import { attachSteps, beginAttach, stepProblem, targetOf, type AttachDraft } from './draft.ts'
import { FilesStep } from './files-step.tsx'
import { make } from './make.ts'
import { AddressStep, TransportStep, UserStep } from './pages.tsx'
import { WaitStep } from './wait-step.tsx'
import './attach.css'

const noAddresses: readonly LanAddress[] = []
const noListeners: readonly ListenerState[] = []

export function AttachWizard() {
  const model = useModel()
  const { live, settings } = model
  const open = useStore(live, (state) => state.bench?.open ?? false)
  const addresses = useStore(live, (state) => state.bench?.addresses ?? noAddresses)
  const listeners = useStore(live, (state) => state.bench?.listeners ?? noListeners)
  const [draft, setDraft] = useState<AttachDraft>(() =>
    beginAttach(settings.getState().endpointId.trim(), open),
  )
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()

  const sorted = sortedAddresses(addresses)
  const chosen = sorted.find(({ address }) => address === draft.address) ?? sorted[0]
  const listener = listeners.find(({ transport }) => transport === draft.transport)
  const at = attachSteps.findIndex(([step]) => step === draft.step)
  const problem = stepProblem(draft, chosen, listener)
  const change = (part: Partial<AttachDraft>) => {
    setError(undefined)
    // What was made for another user, or another way in, is of no use any more.
    const stays = part.endpointId === undefined && part.way === undefined && part.transport === undefined
    setDraft({ ...draft, ...(stays ? {} : { made: undefined }), ...part })
  }
  const go = (by: 1 | -1, part: Partial<AttachDraft> = {}) => {
    const step = attachSteps[at + by]?.[0]
    if (step) change({ ...part, step })
  }
  const next = async () => {
    if (busy || problem !== undefined) return
    if (draft.step !== 'user' || draft.made) return go(1)
    setBusy(true)
    const made = await make(model.host, draft)
    setBusy(false)
    if (!made.ok) return setError(made.error.message)
    settings.getState().set({ endpointId: draft.endpointId.trim() })
    go(1, { made: made.value })
  }
  const isLast = at === attachSteps.length - 1
  const target = chosen && listener && targetOf(draft, chosen, listener)
  return (
    <Dialog
      title="Attach a device"
      wide
      {...(at > 0 && {
        aside: (
          <button type="button" className="button" onClick={() => go(-1)}>
            Back
          </button>
        ),
      })}
      {...(!isLast && {
        action: {
          title: draft.step === 'user' && !draft.made ? 'Make and go on' : 'Next',
          disabled: busy || problem !== undefined,
          run: () => void next(),
        },
      })}
    >
      <div className="wizard">
        <Steps at={at} />
        <div className="wizard-page">
          {draft.step === 'address' && chosen && (
            <AddressStep addresses={sorted} chosen={chosen} onChoose={(address) => change({ address })} />
          )}
          {draft.step === 'transport' && (
            <TransportStep draft={draft} listener={listener} open={open} change={change} />
          )}
          {draft.step === 'user' && <UserStep draft={draft} open={open} change={change} />}
          {draft.step === 'files' && target && draft.made && <FilesStep target={target} made={draft.made} />}
          {draft.step === 'wait' && <WaitStep endpointId={draft.endpointId.trim()} />}
          {(problem ?? error) !== undefined && (
            <p className="bad" role="alert">
              {problem ?? error}
            </p>
          )}
        </div>
      </div>
    </Dialog>
  )
}

function Steps({ at }: { at: number }) {
  return (
    <ol className="wizard-steps" aria-label="Steps">
      {attachSteps.map(([step, title], index) => (
        <li
          key={step}
          className={index < at ? 'is-past' : ''}
          aria-current={index === at ? 'step' : undefined}
        >
          <span className="wizard-mark">{index < at ? <Icon name="check" label="done" /> : index + 1}</span>
          {title}
        </li>
      ))}
    </ol>
  )
}
