/** The part of the contract about how packets are looked at: kept in the workspace, the same in every window. */
import * as v from 'valibot'
import { command } from './command.ts'

/** The fixed palette of colouring rules. A colour is a ground behind a row; themes keep every text readable on it. */
export const ruleColours = ['grey', 'red', 'amber', 'green', 'blue', 'purple'] as const
export type RuleColour = (typeof ruleColours)[number]

/** Most entries of each list. */
export const MAX_LOOK = 100

const filter = v.pipe(v.string(), v.maxLength(10_000))
const few = <S extends v.GenericSchema>(entry: S) => v.pipe(v.array(entry), v.maxLength(MAX_LOOK))
const viewId = v.pipe(v.string(), v.regex(/^[a-z]{1,20}$/))
const topicFilter = v.pipe(v.string(), v.minLength(1), v.maxLength(65_535))

const savedFilters = few(v.strictObject({ name: v.pipe(v.string(), v.maxLength(2000)), filter }))
const colourRules = few(v.strictObject({ filter, colour: v.picklist(ruleColours), on: v.boolean() }))

export const lookSchema = v.strictObject({
  /** Payloads of these topics are shown with this content view (shared/dissect/content) instead of the best one. */
  contents: v.optional(few(v.strictObject({ filter: topicFilter, view: viewId })), []),
  savedFilters: v.optional(savedFilters, []),
  /** The first that matches a row colours it. */
  colourRules: v.optional(colourRules, []),
})
export type LookState = v.InferOutput<typeof lookSchema>
export type SavedFilter = LookState['savedFilters'][number]
export type ColourRule = LookState['colourRules'][number]

export const lookCommands = {
  /** Shows payloads of these topics with this content view from now on; without one, with the best again. */
  'look.setContent': command<void>()(v.strictObject({ filter: topicFilter, view: v.optional(viewId) })),
  'look.setFilters': command<void>()(v.strictObject({ savedFilters })),
  'look.setColours': command<void>()(v.strictObject({ colourRules })),
} as const

const LOOK_VERSION = 1
const versioned = v.looseObject({ version: v.pipe(v.number(), v.integer(), v.minValue(1)) })

/** As it stands in a file. */
export const formatLook = (state: LookState): string =>
  `${JSON.stringify({ version: LOOK_VERSION, ...state }, null, 2)}\n`

/** `newer`: written by a later version, so not to be used and not to be written over. Throws for what is none. */
export function parseLook(text: string): LookState | 'newer' {
  const { version, ...rest } = v.parse(versioned, JSON.parse(text))
  return version > LOOK_VERSION ? 'newer' : v.parse(lookSchema, rest)
}
