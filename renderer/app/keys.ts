/**
 * Keys to commands. A chord is `mod+k`, `shift+m`, `j`, `?`, or a sequence of two like `g p`. `mod` is Ctrl,
 * and on a Mac the command key.
 */
import type { Command } from './command.ts'

/** Milliseconds in which the second key of a sequence must come. */
export const SEQUENCE_PAUSE = 1200

interface Stroke {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
  readonly getModifierState?: (key: string) => boolean
}

/** The chord of one key event. Shift is named for letters only: on `?` it is part of the character. */
export function chordOf(stroke: Stroke): string {
  const key = stroke.key.toLowerCase()
  const shift = stroke.shiftKey && (key.length > 1 || (key >= 'a' && key <= 'z'))
  // AltGr, which Windows tells as Ctrl and Alt, makes characters such as [ on many keyboards.
  const graph = stroke.getModifierState?.('AltGraph') === true
  const mod = !graph && (stroke.ctrlKey || stroke.metaKey)
  const alt = !graph && stroke.altKey
  return `${mod ? 'mod+' : ''}${alt ? 'alt+' : ''}${shift ? 'shift+' : ''}${key}`
}

/** Turns key strokes into commands; remembers the first key of a sequence. */
export function createKeyReader(commands: readonly Command[], now: () => number = Date.now) {
  const byChord = new Map(
    commands.flatMap((command) => (command.keys ?? []).map((key) => [key, command] as const)),
  )
  const firstKeys = new Set(
    [...byChord.keys()].filter((key) => key.includes(' ')).map((key) => key.split(' ')[0]),
  )
  let first = ''
  let firstAt = 0
  return (stroke: Stroke): Command | undefined => {
    const chord = chordOf(stroke)
    const sequence = first && now() - firstAt <= SEQUENCE_PAUSE ? byChord.get(`${first} ${chord}`) : undefined
    first = ''
    if (sequence) return sequence
    if (firstKeys.has(chord)) {
      first = chord
      firstAt = now()
      return undefined
    }
    return byChord.get(chord)
  }
}

/** Whether a key belongs to the element it was pressed in, and not to the commands. */
export function isOwnKey(target: EventTarget | null, chord: string): boolean {
  if (!(target instanceof Element)) return false
  // Nobody types a function key.
  if (chord.startsWith('mod+') || /^(shift\+)?f\d+$/.test(chord)) return false
  const editing = target.matches(
    'input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], [data-typing]',
  )
  if (editing) return true
  const pressing = target.matches('button, a, [role=tab], [role=switch], summary, input')
  return pressing && ['enter', ' '].includes(chord)
}
