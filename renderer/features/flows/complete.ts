/** Completion and explanations in the text of a flow: by the format, and by the data model of the device. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import {
  aboutKey,
  meaningOf,
  type FlowChoice,
  type KnownNames,
} from '../../../shared/flow/format/complete.ts'
import { placeAt, type TextPlace } from '../../../shared/flow/format/place.ts'
import type { SupportedIndex } from '../../../shared/usp/dm/supported-index.ts'
import { isPathRole } from '../../../shared/usp/forms/check-request.ts'
import { completePath } from '../../../shared/usp/forms/path-complete.ts'
import type { Explained } from '../../ui/editor/code-editor.tsx'

export interface Surroundings {
  readonly names: KnownNames
  readonly model: SupportedIndex | undefined
}

const types: Readonly<Record<FlowChoice['kind'], string>> = {
  key: 'property',
  value: 'enum',
  name: 'variable',
  function: 'function',
  flow: 'text',
}

/** Null where nothing may be offered, or nothing was typed and nobody asked. */
export function completeFlow(
  { state, pos, explicit }: Pick<CompletionContext, 'state' | 'pos' | 'explicit'>,
  { names, model }: Surroundings,
): CompletionResult | null {
  const place = placeAt(state.doc.toString(), pos)
  const { choices, path } = meaningOf(place, names)
  if (
    path !== undefined &&
    isPathRole(path) &&
    model &&
    place.typed.includes('.') &&
    !place.typed.includes('"')
  ) {
    const found = completePath(place.typed, pos - place.from, path, model)
    const options = found.choices
      .filter(({ text }) => !text.includes('"') || place.quote === "'")
      .map(({ text, detail }): Completion => ({ label: text, detail }))
    if (options.length > 0)
      return { from: place.from + found.from, to: place.from + found.to, options, filter: false }
  }
  // A name within an expression ends at what is no letter.
  const isName = choices.some(({ kind }) => kind === 'name' || kind === 'function')
  const word = /[\w$]*$/.exec(place.typed)?.[0] ?? ''
  const from = isName ? pos - word.length : place.from
  if (!explicit && !wantsChoices(place, isName ? word : place.typed)) return null
  const starts =
    path !== undefined && isPathRole(path) && place.typed === '' ? [{ label: 'Device.', type: 'text' }] : []
  const options = [...starts, ...choices.map((choice, index) => optionOf(choice, place, index))]
  return options.length === 0 ? null : { from, to: isName ? pos : place.to, options, validFor: /^[\w$./]*$/ }
}

/** Without being asked for: when a word was begun, or an item or value is empty. */
const wantsChoices = ({ at, quote }: TextPlace, typed: string): boolean =>
  typed !== '' || (quote === '' && (at === 'item' || at === 'value'))

/** In the order of the format, what has to be there first. */
function optionOf(
  { label, kind, about, required }: FlowChoice,
  { at }: TextPlace,
  index: number,
): Completion {
  const isKey = kind === 'key' && (at === 'key' || at === 'item')
  return {
    label,
    type: types[kind],
    ...(about !== '' && { info: about }),
    ...(isKey && { apply: `${label}: ` }),
    ...(kind === 'function' && { apply: `${label}(` }),
    boost: (required ? 20 : kind === 'name' ? 10 : 0) - index / 10,
  }
}

/** What the key at a place is for. */
export function explainFlow(text: string, at: number): Explained | undefined {
  const word = wordAt(text, at)
  if (!word) return undefined
  const place = placeAt(text, word.to)
  const about = aboutKey(place, text.slice(word.from, word.to))
  return about === undefined ? undefined : { ...word, text: about }
}

function wordAt(text: string, at: number): { readonly from: number; readonly to: number } | undefined {
  const before = /[\w$]*$/.exec(text.slice(Math.max(0, at - 100), at))?.[0].length ?? 0
  const after = /^[\w$]*/.exec(text.slice(at, at + 100))?.[0].length ?? 0
  return before + after === 0 ? undefined : { from: at - before, to: at + after }
}
