/** Steps that concern the bench and the person before it. */
import { fillAll } from '../language/template.ts'
import { match } from '../match.ts'
import type { Json, JsonMap } from '../json.ts'
import { StepFailure } from './outcomes.ts'
import type { Runner } from './runners.ts'

const seconds = (ms: number): string => `${Number((ms / 1000).toFixed(3))} s`

export const wait: Runner<'wait'> = function* (player, step, _self, frame) {
  const device = player.text(frame, step.device ?? player.options.device)
  const wanted = step.wait === 'online'
  const within = step.within ?? player.limits.answer
  const deadline = player.now + within
  while (player.online.get(device) !== wanted) {
    if (player.now >= deadline)
      throw new StepFailure(`${device} was not ${step.wait} within ${seconds(within)}.`)
    yield* player.next(deadline)
  }
}

export const act: Runner<'act'> = function* (player, step, self, frame) {
  const token = player.nextToken()
  const filled = fillAll(step.with ?? {}, player.scope(frame)) as JsonMap
  frame.mark = player.inbox.end
  player.commands.push({ do: 'act', token, step: self.path, act: step.act, with: filled })
  yield* player.finish(token, self, player.now + player.limits.answer)
}

const CHOICES = ['Done', 'Failed'] as const

/** Waits as long as the flow may take: a person is no device. */
export const ask: Runner<'ask'> = function* (player, step, self, frame) {
  const token = player.nextToken()
  const choices = step.choices ?? CHOICES
  player.commands.push({
    do: 'ask',
    token,
    step: self.path,
    text: player.text(frame, step.ask),
    choices,
    ...(step.file !== undefined && { file: player.text(frame, step.file) }),
  })
  let answered = false
  try {
    while (!player.chosen.has(token)) yield* player.next()
    answered = true
  } finally {
    if (!answered) player.commands.push({ do: 'withdraw', token })
  }
  const { choice = '', attachment } = player.chosen.get(token) ?? {}
  if (attachment) self.attachments = [attachment]
  player.chosen.delete(token)
  self.seen = choice
  const expected: Json = step.expect ?? { $not: 'Failed' }
  const { ok, differences, bindings } = match(expected, choice, player.scope(frame))
  if (!ok) throw new StepFailure(`The answer was ${choice}.`, differences)
  player.bind(frame, self, bindings)
  player.bindExpressions(frame, self, step.bind, { answer: choice })
}
