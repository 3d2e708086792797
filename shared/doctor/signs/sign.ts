/** The shape of a sign: one line of the doctor's experience. */
import type { Evidence, Remedy, StepId } from '../model.ts'
import type { Scene } from '../scene.ts'
import type { Attempt } from '../case.ts'

export interface Finding {
  readonly text: string
  readonly evidence?: readonly Evidence[]
  readonly remedies?: readonly Remedy[]
}

/** Of a step's signs the first that finds something is its cause. A sign of `failed` outweighs what was done. */
export interface Sign {
  readonly id: string
  readonly step: StepId
  readonly state: 'failed' | 'missing'
  /** The steps behind it can be done all the same. */
  readonly soft?: true
  /** Called only where there is a connection to look at. */
  readonly find: (scene: Scene, attempt: Attempt) => Finding | undefined
}
