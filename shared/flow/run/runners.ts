/** Who does which kind of step. */
import type { Step, StepKind } from '../model.ts'
import { attach } from './attach-step.ts'
import * as bench from './bench-steps.ts'
import * as control from './control-steps.ts'
import * as packets from './packet-steps.ts'
import type { Frame, Player, Task } from './player.ts'
import type { OpenStep } from './result.ts'

/** A generator where it waits. Ends when the step is done and passed; throws what it ended by otherwise (outcomes.ts). */
export type Runner<K extends StepKind> = (
  player: Player,
  step: Extract<Step, { kind: K }>,
  self: OpenStep,
  frame: Frame,
) => Task<void> | void

export const runners: { readonly [K in StepKind]: Runner<K> } = {
  send: packets.send,
  record: packets.record,
  publish: packets.publish,
  expect: packets.expect,
  nothing: packets.nothing,
  check: control.check,
  set: control.set,
  sleep: control.sleep,
  repeat: control.repeat,
  for: control.forEach,
  if: control.choose,
  group: control.group,
  parallel: control.parallel,
  call: control.call,
  end: control.end,
  wait: bench.wait,
  act: bench.act,
  ask: bench.ask,
  attach,
}
