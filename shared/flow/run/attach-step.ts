/** Files that a flow keeps with its result. */
import { attachmentName } from '../attachments.ts'
import { isList, isMap, member, type Json } from '../json.ts'
import { FlowFault } from '../language/functions.ts'
import { fillAll } from '../language/template.ts'
import type { Payload } from '../model.ts'
import type { AttachedContent } from './events.ts'
import { payloadBytes } from './payload.ts'
import { masked } from './result.ts'
import type { Frame, Player } from './player.ts'
import type { Runner } from './runners.ts'

type Wish = Parameters<Runner<'attach'>>[1]

export const attach: Runner<'attach'> = function* (player, step, self, frame) {
  const token = player.nextToken()
  const name = attachmentName(player.text(frame, step.attach))
  player.commands.push({
    do: 'attach',
    token,
    step: self.path,
    name,
    content: contentOf(player, step, frame),
  })
  const { attachment, refused } = yield* player.finish(token, self, player.now + player.limits.answer)
  if (attachment) self.attachments = [attachment]
  // What is not kept proves nothing, but does not make a device wrong.
  else self.note = `${name} is not kept: ${refused ?? 'the bench did not say why'}.`
}

function contentOf(player: Player, step: Wish, frame: Frame): AttachedContent {
  const { content, packets, facts } = step
  if (content !== undefined) {
    const filled = fillAll(content as Json, player.scope(frame)) as Payload
    const pretty = filled.json === undefined ? filled : { text: JSON.stringify(filled.json, undefined, 2) }
    return { bytes: payloadBytes(masked(pretty, Object.values(player.options.secrets ?? {}))) }
  }
  if (packets !== undefined) return { packets: numbersOf(player.value(frame, packets)) }
  return { facts: player.text(frame, facts ?? player.options.device) }
}

/** Of a packet (`steps.ID.packet`), of its number, or of several. */
function numbersOf(value: Json): number[] {
  const items = isList(value) ? value : [value]
  return items.map((item) => {
    const no = isMap(item) ? member(item, 'no') : item
    if (typeof no === 'number' && Number.isInteger(no)) return no
    throw new FlowFault('"packets" needs packets, such as steps.ID.packet')
  })
}
