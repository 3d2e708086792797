/** Whom the doctor's sheet is about, and where he is looked for. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { CaptureId } from '../../../shared/contract/model.ts'
import type { DoctorSubject } from '../../../shared/doctor/scene.ts'

export interface DoctorState {
  readonly capture: CaptureId
  /** Undefined: to be chosen. */
  readonly subject: DoctorSubject | undefined
}
export type DoctorModel = StoreApi<DoctorState>

export const createDoctor = (): DoctorModel =>
  createStore<DoctorState>(() => ({ capture: 'live', subject: undefined }))

export const subjectText = (subject: DoctorSubject): string =>
  'endpointId' in subject ? subject.endpointId : subject.address
