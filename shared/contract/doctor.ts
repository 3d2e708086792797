/** The part of the contract about the doctor: how far a device came, and what is in the way. */
import * as v from 'valibot'
import type { Examination } from '../doctor/model.ts'
import { command } from './command.ts'

/** Somebody whom a capture knows, for the choice of whom to examine. */
export interface DoctorSubjectInfo {
  /** Empty: it never came as far as to say it; it is examined by its address. */
  readonly endpointId: string
  readonly address: string
  readonly connections: number
  readonly open: boolean
  /** Number of its newest connection: larger is newer. */
  readonly newest: number
}
/** More are not told; the newest are. */
export const MAX_DOCTOR_SUBJECTS = 500

const capture = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/))
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(65_535))
export const doctorSubject = v.union([
  v.strictObject({ endpointId: name }),
  v.strictObject({ address: v.pipe(v.string(), v.minLength(1), v.maxLength(255)) }),
])

export const doctorCommands = {
  /**
   * Judges what a capture holds of a device: by its endpoint ID, or by its address while it has not said one. One
   * that was never seen is judged as well.
   */
  'doctor.examine': command<Examination>()(v.strictObject({ capture, subject: doctorSubject })),
  /** Whom a capture knows, the newest first. */
  'doctor.subjects': command<readonly DoctorSubjectInfo[]>()(v.strictObject({ capture })),
} as const
