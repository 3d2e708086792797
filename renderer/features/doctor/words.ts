/** How the doctor's findings are named and coloured. Pure. */
import type { Examination, StepState } from '../../../shared/doctor/model.ts'
import type { IconName, Tone } from '../../ui/kit.tsx'

export const stepWords: Readonly<Record<StepState, string>> = {
  done: 'done',
  missing: 'missing',
  failed: 'failed',
  'not-reached': 'not reached',
  'not-needed': 'not needed',
}
export const stepTones: Readonly<Record<StepState, 'ok' | 'warn' | 'bad' | 'dim'>> = {
  done: 'ok',
  missing: 'warn',
  failed: 'bad',
  'not-reached': 'dim',
  'not-needed': 'dim',
}
export const stepIcons: Readonly<Record<StepState, IconName | undefined>> = {
  done: 'check',
  missing: 'warning',
  failed: 'error',
  'not-reached': undefined,
  'not-needed': undefined,
}
export const verdictTones: Readonly<Record<Examination['state'], Tone>> = {
  working: 'ok',
  waiting: 'warn',
  broken: 'bad',
  unknown: 'off',
}
export const verdictWords: Readonly<Record<Examination['state'], string>> = {
  working: 'works',
  waiting: 'waiting',
  broken: 'does not work yet',
  unknown: 'nothing to judge',
}
