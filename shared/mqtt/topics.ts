/** Topic Names, Topic Filters and shared subscriptions (MQTT 5.0 sections 4.7 and 4.8.2). */

/** `valid`, or the reason why not: a phrase that follows the name of the thing, e.g. "is empty". */
export type Validity = { readonly valid: true } | { readonly valid: false; readonly reason: string }

const VALID: Validity = { valid: true }
const invalid = (reason: string): Validity => ({ valid: false, reason })

/** Most bytes a string can have on the wire [MQTT-4.7.3-3]. */
const MAX_BYTES = 65_535

const textFault = (text: string): string | undefined => {
  if (text.length === 0) return 'is empty'
  if (text.includes('\0')) return 'holds the null character U+0000'
  // Three bytes a UTF-16 unit at most: short texts, nearly all, need no count.
  if (text.length * 3 > MAX_BYTES && byteLength(text) > MAX_BYTES) return 'is longer than 65,535 bytes'
  return undefined
}

function byteLength(text: string): number {
  let bytes = 0
  for (const character of text) {
    const point = character.codePointAt(0)!
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  }
  return bytes
}

/** [MQTT-4.7.0-1], [MQTT-4.7.3-1] to [MQTT-4.7.3-3]. */
export function isTopicName(text: string): Validity {
  const fault = textFault(text)
  if (fault !== undefined) return invalid(fault)
  const wildcard = firstWildcard(text)
  return wildcard === undefined ? VALID : invalid(`holds the wildcard ${wildcard}`)
}

/** The first `#` or `+`, which no Topic Name may hold. */
export function firstWildcard(text: string): '#' | '+' | undefined {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 0x23) return '#'
    if (unit === 0x2b) return '+'
  }
  return undefined
}

/** [MQTT-4.7.1-1], [MQTT-4.7.1-2]; a shared subscription is judged by its inner filter too. */
export function isTopicFilter(text: string): Validity {
  const fault = textFault(text)
  if (fault !== undefined) return invalid(fault)
  const shared = parseShared(text)
  if (shared !== undefined) return shared.validity
  return plainFilter(text)
}

function plainFilter(text: string): Validity {
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character !== '#' && character !== '+') continue
    if (i > 0 && text[i - 1] !== '/')
      return invalid(`has ${character} after other characters: it must fill its level`)
    if (character === '#' && i < text.length - 1)
      return invalid('has # before its end: it must be the last level')
    if (character === '+' && i < text.length - 1 && text[i + 1] !== '/')
      return invalid('has + before other characters: it must fill its level')
  }
  return VALID
}

export interface SharedSubscription {
  /** The ShareName. */
  readonly group: string
  /** The inner Topic Filter. */
  readonly filter: string
  /** [MQTT-4.8.2-1], [MQTT-4.8.2-2] and the rules of the inner filter. */
  readonly validity: Validity
}

const SHARE = '$share/'

/** The parts of a filter `$share/{group}/{filter}`; `undefined` when it does not begin so. */
export function parseShared(text: string): SharedSubscription | undefined {
  if (!text.startsWith(SHARE)) return undefined
  const slash = text.indexOf('/', SHARE.length)
  if (slash < 0) return shared(text.slice(SHARE.length), '', 'has no topic filter after the share name')
  const group = text.slice(SHARE.length, slash)
  const filter = text.slice(slash + 1)
  if (group === '') return shared(group, filter, 'has an empty share name')
  const wildcard = firstWildcard(group)
  if (wildcard !== undefined) return shared(group, filter, `has the wildcard ${wildcard} in its share name`)
  if (filter === '') return shared(group, filter, 'has no topic filter after the share name')
  return { group, filter, validity: plainFilter(filter) }
}

const shared = (group: string, filter: string, reason: string): SharedSubscription => ({
  group,
  filter,
  validity: invalid(reason),
})

/**
 * Does the Topic Name fall under the Topic Filter? Both must be valid and the filter not shared (give the inner
 * one). A wildcard at the first level does not match topics that begin with `$` [MQTT-4.7.2-1].
 */
export function topicMatches(filter: string, topic: string): boolean {
  const filterLength = filter.length
  const topicLength = topic.length
  if (topic.charCodeAt(0) === 0x24 && firstWildcard(filter.slice(0, 1)) !== undefined) return false
  let f = 0
  let t = 0
  // `t` may pass the end by one: the level after a last slash is there, and empty.
  for (;;) {
    const wildcard = filter.charCodeAt(f)
    if (wildcard === 0x23) return true
    if (wildcard === 0x2b) {
      f++
      while (t < topicLength && topic.charCodeAt(t) !== 0x2f) t++
    } else {
      while (
        f < filterLength &&
        filter.charCodeAt(f) !== 0x2f &&
        filter.charCodeAt(f) === topic.charCodeAt(t)
      ) {
        f++
        t++
      }
    }
    const filterEnds = f >= filterLength
    const topicEnds = t >= topicLength
    if (topicEnds) return filterEnds || (filter.length - f === 2 && filter.endsWith('/#'))
    if (filterEnds || filter.charCodeAt(f) !== 0x2f || topic.charCodeAt(t) !== 0x2f) return false
    f++
    t++
  }
}

/** Levels of a Topic Name or Filter: one more than its slashes. */
export function levelCount(text: string): number {
  let levels = 1
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) === 0x2f) levels++
  return levels
}
