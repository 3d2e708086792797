import type { Fault } from '../../../shared/faults/model.ts'

/** A fault that meets everything, and is named as what it does. */
export const fault = (action: Fault['action'], more: Partial<Fault> = {}): Fault => ({
  name: action.kind,
  device: '',
  way: 'both',
  filter: '',
  percent: 100,
  action,
  ...more,
})
