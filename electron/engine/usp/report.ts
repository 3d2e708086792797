/** What became of a request, in words that say what to do. Pure. */
import type { PathFailure, RequestOutcome } from '../../../shared/contract/usp.ts'
import { describeErrorCode } from '../../../shared/usp/error-codes.ts'
import { controllerUser } from '../../../shared/usp/oktopus.ts'

/** What helps against a code, where the code alone does not say it. */
const advice: Readonly<Record<number, string>> = {
  7001: 'The device does not know this kind of message.',
  7002: 'The device gives no reason; its log may.',
  7004: 'Something in the request is not as the device wants it: see the parameters listed.',
  7005: 'The device is busy or out of memory: try again, or ask for less at once.',
  7006: `The role that the device gives the controller ${controllerUser} does not allow this: see Device.LocalAgent.ControllerTrust.`,
  7008: 'Object paths end with a dot, parameter paths do not.',
  7013: 'The parameter is read-only: see the supported data model.',
  7016: 'There is no such row now: see its table.',
  7026: 'The device has no such path: see its supported data model.',
  7027: 'An input argument is missing or wrong: see the supported data model.',
}

export function errorText({ code, text }: PathFailure): string {
  const said = text === '' ? '' : `: ${text}`
  const hint = advice[code]
  return `${describeErrorCode(code)}${said}.${hint === undefined ? '' : ` ${hint}`}`
}

export function answeredText(latencyMs: number, failures: readonly PathFailure[]): string {
  const base = `Answered in ${Math.round(latencyMs)} ms.`
  const [first, ...more] = failures
  if (!first) return base
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`
  return `${base} ${first.path} failed${others}: ${errorText(first)}`
}

/** Reason codes of a Disconnect Record or Error that refuse the Record itself (7100 …). */
export const isRecordCode = (code: number): boolean => code >= 7100 && code < 7200

const recordAdvice: Readonly<Record<number, string>> = {
  7101: 'It wants a session context: switch that on for this device.',
  7102: 'It offers no secure sessions.',
  7103: 'It takes no segments.',
  7105: 'It ended the session context: send the request again.',
  7106: 'It takes no session context: switch that off for this device.',
}

export function rejectedText(code: number, reason: string): string {
  const said = reason === '' ? '' : `: ${reason}`
  const hint = recordAdvice[code]
  return `The device refused the Record, ${describeErrorCode(code)}${said}.${hint === undefined ? '' : ` ${hint}`}`
}

export function timeoutText(
  timeoutMs: number,
  supported: readonly string[] | undefined,
  version: string,
): string {
  const base = `Nothing came within ${timeoutMs / 1000} s.`
  if (supported && !supported.includes(version)) {
    return `${base} The Record was of version ${version}, the device supports ${supported.join(', ')}.`
  }
  return (
    `${base} Devices drop what they cannot place: its Controller.{i}.EndpointID must be ${controllerUser} and ` +
    'enabled, and its own endpoint ID the one that it states. The doctor of this device tells more.'
  )
}

export const plainText: Readonly<Record<Extract<RequestOutcome, 'offline' | 'sent' | 'cancelled'>, string>> =
  {
    offline: 'The device is not connected. The request can be sent once it is.',
    sent: 'Sent. The device owes no answer, since send_resp is false.',
    cancelled: 'The wait for the answer was ended.',
  }
