/** What the wizard has been told so far. Held by the wizard alone: a password is gone with it. */
import type { AttachTarget } from '../../../shared/attach/parameters.ts'
import { endpointIdProblem } from '../../../shared/attach/parameters.ts'
import type { LanAddress, ListenerState } from '../../../shared/contract/model.ts'
import { isBound } from '../bench/addresses.ts'

export const attachSteps = [
  ['address', 'Address'],
  ['transport', 'Transport'],
  ['user', 'User'],
  ['files', 'Configuration'],
  ['wait', 'First contact'],
] as const
export type AttachStep = (typeof attachSteps)[number][0]

/** `open`: nobody is asked, as the bench is open. */
export type LoginWay = 'password' | 'certificate' | 'open'

/** What was made for the device at the bench. */
export type Made =
  | { readonly way: 'open' }
  | { readonly way: 'password'; readonly username: string; readonly password: string }
  | { readonly way: 'certificate'; readonly file: string; readonly authorityFile: string }

export interface AttachDraft {
  readonly step: AttachStep
  /** Undefined: the best there is. */
  readonly address: string | undefined
  readonly transport: 'tcp' | 'tls'
  readonly way: LoginWay
  readonly endpointId: string
  readonly made: Made | undefined
}

export const beginAttach = (endpointId: string, open: boolean): AttachDraft => ({
  step: 'address',
  address: undefined,
  transport: 'tcp',
  way: open ? 'open' : 'password',
  endpointId,
  made: undefined,
})

/** Ways to log in over a transport; a certificate needs TLS. */
export const loginWays = (transport: 'tcp' | 'tls', open: boolean): readonly LoginWay[] => [
  ...(open ? (['open'] as const) : []),
  'password',
  ...(transport === 'tls' ? (['certificate'] as const) : []),
]

/** Why one cannot go on from a step, or undefined. */
export function stepProblem(
  { step, endpointId }: AttachDraft,
  chosen: LanAddress | undefined,
  listener: ListenerState | undefined,
): string | undefined {
  if (step === 'address' && !chosen)
    return 'This machine has no network address: connect it to the network of the device.'
  if (step === 'transport') {
    if (!listener) return 'This bench has no such listener.'
    if (listener.state !== 'listening') return `${listener.label} is not listening: turn it on first.`
    if (chosen && !isBound(listener.host, chosen))
      return `${listener.label} is bound to ${listener.host} only: it is not reached at ${chosen.address}.`
  }
  if (step !== 'user') return undefined
  const id = endpointId.trim()
  return id === '' ? 'Enter the endpoint ID of the device.' : endpointIdProblem(id)
}

export function targetOf(
  { transport, endpointId, made }: AttachDraft,
  chosen: LanAddress,
  listener: ListenerState,
): AttachTarget {
  const { username, password } = made?.way === 'password' ? made : {}
  return {
    address: chosen.address,
    port: listener.port,
    transport,
    endpointId: endpointId.trim(),
    ...(username !== undefined && password !== undefined && { login: { username, password } }),
  }
}
