/** A step in a few words, for lists and reports. */
import { formatDuration } from '../../filter/moments.ts'
import { isList, isMap, textOf, type Json } from '../json.ts'
import { bodyIn, mainFields } from '../messages.ts'
import type { Awaited, Step } from '../model.ts'

const time = (ms: number | string): string => (typeof ms === 'number' ? formatDuration(ms * 1e6) : ms)

/** `get Device.DeviceInfo. +1`: the name of a body, and the first path or command in it. */
export function bodyTitle(body: Json): string {
  const found = isMap(body) ? bodyIn(body) : undefined
  if (found === undefined) return isMap(body) ? Object.keys(body).join(', ') : textOf(body)
  const { kind, content } = found
  const about = aboutOf(kind.name, content)
  return about === undefined ? kind.name : `${kind.name} ${about}`
}

function aboutOf(name: string, content: Json): string | undefined {
  if (!isMap(content)) return undefined
  const main = content[mainFields[name] ?? '']
  if (main !== undefined) return firstOf(main)
  const objects = content['create_objs'] ?? content['update_objs']
  if (objects !== undefined) {
    return firstOf(
      isList(objects) ? objects.map((one) => (isMap(one) ? (one['obj_path'] ?? '') : one)) : objects,
    )
  }
  const kinds = Object.keys(content).filter((key) => isMap(content[key]))
  return name === 'notify' && kinds[0] !== undefined ? kinds[0] : undefined
}

function firstOf(value: Json): string {
  if (!isList(value)) return textOf(value)
  return `${textOf(value[0] ?? '')}${value.length > 1 ? ` +${value.length - 1}` : ''}`
}

function awaitedTitle({ answer, notify, message, packet }: Awaited): string {
  const parts = [
    answer === undefined ? '' : `the answer to ${answer}`,
    notify === undefined ? '' : bodyTitle({ notify }),
    message === undefined ? '' : bodyTitle(message),
    packet ?? '',
  ]
  return parts.filter((part) => part !== '').join(' and ')
}

export function titleOf(step: Step): string {
  if (step.name !== undefined) return step.name
  switch (step.kind) {
    case 'send':
      return bodyTitle(step.send)
    case 'record':
      return 'a Record as bytes'
    case 'publish':
      return `publish ${step.publish}`
    case 'expect':
      return `expect ${awaitedTitle(step.expect)}`
    case 'nothing':
      return `nothing for ${time(step.for)}: ${awaitedTitle(step.nothing)}`
    case 'check':
      return `check ${step.check}`
    case 'set':
      return `set ${Object.keys(step.set).join(', ')}`
    case 'sleep':
      return `sleep ${time(step.sleep)}`
    case 'repeat':
      return `repeat ${step.repeat} times${step.until === undefined ? '' : ` until ${step.until}`}`
    case 'for':
      return `for each ${step.for}`
    case 'if':
      return `if ${step.if}`
    case 'group':
      return step.group
    case 'parallel':
      return 'at the same time'
    case 'call':
      return `call ${step.call}`
    case 'wait':
      return `wait until ${step.wait}`
    case 'act':
      return step.act.replaceAll('_', ' ')
    case 'ask':
      return step.ask
    case 'attach':
      return `attach ${step.attach}`
    case 'end':
      return `end ${step.end}`
  }
}
