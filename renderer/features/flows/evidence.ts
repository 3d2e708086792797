/** Which capture holds the packets of a run: the one that was live when it began. */
import type { CaptureId, CaptureInfo } from '../../../shared/contract/model.ts'
import type { Model } from '../../app/model.ts'

/** The capture of a moment, in milliseconds since 1970. Pure. */
export function captureOf(captures: readonly CaptureInfo[], time: number): CaptureInfo | undefined {
  const began = captures
    .filter(({ startedAt, importedFrom }) => importedFrom === undefined && Date.parse(startedAt) <= time)
    .sort((one, other) => Date.parse(other.startedAt) - Date.parse(one.startedAt))
  const [found] = began
  const ended = found?.endedAt
  return ended !== undefined && Date.parse(ended) < time ? undefined : found
}

/** Its id, opened where need be. Says why when there is none. */
export async function captureAt(model: Model, time: number): Promise<CaptureId | undefined> {
  const found = captureOf(model.live.getState().captures ?? [], time)
  const { fail, say } = model.notices.getState()
  if (!found) {
    fail({ code: 'not-found', message: 'The capture that was recorded then is no longer there.' })
    return undefined
  }
  if (found.state === 'live') return 'live'
  if (found.state === 'open') return found.id
  const answer = await model.host.call('captures.open', { id: found.id })
  if (answer.ok) say(`The packets are in ${found.name}, which is being opened. Ask again when it is there.`)
  else fail(answer.error)
  return undefined
}
