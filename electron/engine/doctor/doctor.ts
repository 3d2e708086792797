/** The doctor's commands: the capture's worker looks at the rows; what only the live bench knows is given to it. */
import type { HandlersOf } from '../../../shared/contract/command.ts'
import type { doctorCommands } from '../../../shared/contract/doctor.ts'
import type { LanAddress, ListenerState } from '../../../shared/contract/model.ts'
import type { BenchFacts } from '../../../shared/doctor/scene.ts'
import type { Captures } from '../capture/captures.ts'

export interface DoctorOptions {
  readonly captures: Pick<Captures, 'ask' | 'isLive'>
  readonly listeners: () => readonly ListenerState[]
  readonly addresses: () => readonly LanAddress[]
}

export function doctorHandlers({
  captures,
  listeners,
  addresses,
}: DoctorOptions): HandlersOf<typeof doctorCommands> {
  const bench = (): BenchFacts => ({
    listeners: listeners(),
    address:
      addresses().find(({ loopback, family }) => !loopback && family === 'IPv4')?.address ?? '127.0.0.1',
  })
  return {
    'doctor.examine': ({ capture, subject }) =>
      captures.ask(capture, 'examine', {
        subject,
        // A stored capture is over, and its bench may have been another.
        ...(captures.isLive(capture) && { bench: bench(), now: Date.now() }),
      }),
    'doctor.subjects': ({ capture }) => captures.ask(capture, 'subjects', undefined),
  }
}
