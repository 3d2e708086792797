/** How a flow is written: the tables of the format with an example of each, in the order in which one learns them. */
import { functions } from '../language/functions.ts'
import { operators, WORDS } from '../matchers.ts'
import { bodyKinds, mainFields } from '../messages.ts'
import { ACT_NAMES, ACTS } from '../model.ts'
import { BUILT_IN, LOCAL } from './check.ts'
import { actExamples, actStep, FIRST_FLOW, matcherExamples, stepExamples } from './examples.ts'
import { awaited, common, flowKeys, limits, STEP_KINDS, stepKinds } from './keys.ts'
import type { Key } from './shape.ts'

export interface Topic {
  readonly title: string
  /** Sentences; a blank line between paragraphs. */
  readonly text?: string
  /** Names and what each is for. */
  readonly rows?: readonly (readonly [name: string, about: string])[]
  /** YAML. */
  readonly example?: string
}
export interface Chapter {
  readonly title: string
  readonly topics: readonly Topic[]
}

type Rows = NonNullable<Topic['rows']>

const rowsOf = (keys: object): Rows =>
  Object.entries(keys as Readonly<Record<string, Key<unknown>>>).map(([name, { about, required }]) => [
    name,
    required ? `${about} (needed)` : about,
  ])
const tableOf = (table: Readonly<Record<string, string>>): Rows => Object.entries(table)
const requests = bodyKinds.filter(({ place }) => place === 'request').map(({ name }) => name)

export const reference: readonly Chapter[] = [
  {
    title: 'Beginning',
    topics: [
      {
        title: 'A first flow',
        text: 'A flow does something with a device and judges what comes of it. It is a YAML file below flows/ of the workspace, or any file given to “oktobench run”. Steps are done one after the other; the first that fails ends the flow, and its clean-up is done.',
        example: FIRST_FLOW,
      },
      { title: 'Keys of a flow', rows: rowsOf(flowKeys) },
      { title: 'Limits', rows: rowsOf(limits), example: 'limits: { time: 2m, answer: 5s }' },
      {
        title: 'Times',
        text: 'Written 500ms, 5s, 2m or 1h; a plain number is seconds.',
      },
      { title: 'Keys of every step', rows: rowsOf(common) },
    ],
  },
  {
    title: 'Steps',
    topics: STEP_KINDS.map((kind) => ({
      title: kind,
      rows: rowsOf(stepKinds[kind]),
      example: stepExamples[kind],
    })),
  },
  {
    title: 'Messages',
    topics: [
      {
        title: 'What is sent',
        text: `A message is its name and what is in it, with the names of the .proto: ${requests.join(', ')}. What a message is mostly about may stand alone: “get: Device.DeviceInfo.” (${Object.entries(
          mainFields,
        )
          .map(([name, field]) => `${name}: ${field}`)
          .join(
            ', ',
          )}). Settings of add and set are a map of names and values. Values are text on the wire: true, 5 and "5" may be written as they are.`,
      },
      {
        title: 'What is waited for',
        text: 'Behind expect and nothing. An answer or Notify is one of the device; a packet is any that the filter takes, of whomever.',
        rows: rowsOf(awaited),
      },
    ],
  },
  {
    title: 'Expectations',
    topics: [
      {
        title: 'Values',
        text: 'Only what is written is looked at: a map may have more members, a list more items and another order. “params” beside get_resp holds each parameter under its whole path. Where a value is not known before, a matcher stands in its place; all of its entries must hold.',
        example: `- send: { get: Device.DeviceInfo. }
  expect:
    params:
      Device.DeviceInfo.UpTime: { $type: unsignedInt, $min: 1 }
      Device.DeviceInfo.HostName: $absent`,
      },
      ...Object.entries(operators).map(([name, { about }]) => ({
        title: name,
        text: about,
        example: `Device.X: ${matcherExamples[name as keyof typeof operators]}`,
      })),
      ...tableOf(WORDS).map(([name, about]) => ({
        title: name,
        text: about,
        example: `Device.X: ${matcherExamples[name as keyof typeof WORDS]}`,
      })),
    ],
  },
  {
    title: 'Expressions',
    topics: [
      {
        title: 'Where they stand',
        text: 'In check, when, until, if, bind and $where as they are, in any other text as ${…}. They know numbers, "texts", [lists], and, or, not, + - * /, == != < <= > >=, contains, matches, in, members (a.b, a["b"]) and these functions.',
        rows: Object.values(functions).map(({ usage, about }) => [usage, about]),
      },
      { title: 'Names that are always there', rows: tableOf(BUILT_IN) },
      { title: 'In bind and $where beside', rows: tableOf(LOCAL) },
    ],
  },
  {
    title: 'Acts',
    topics: ACT_NAMES.map((name) => ({
      title: name,
      text: `${ACTS[name].about}. What a flow did to the bench is undone when its run ends.`,
      ...(ACTS[name].with.length > 0 && {
        rows: [['with', ACTS[name].with.join(', ')]] as const,
      }),
      example: actStep(name, actExamples[name]),
    })),
  },
]

const CODE_FENCE = '```'
const cell = (text: string): string => text.replaceAll('|', '\\|')
const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** As shipped in resources/flows/README.md. */
export function referenceText(): string {
  const topic = ({ title, text, rows, example }: Topic): string =>
    [
      `### ${title.startsWith('$') ? `\`${title}\`` : title}`,
      text === undefined ? '' : `${sentence(text)}${/[.:]$/.test(text) ? '' : '.'}`,
      rows === undefined
        ? ''
        : [
            '| Name | For |',
            '| --- | --- |',
            ...rows.map(([name, about]) => `| \`${name}\` | ${cell(about)} |`),
          ].join('\n'),
      example === undefined ? '' : `${CODE_FENCE}yaml\n${example.trimEnd()}\n${CODE_FENCE}`,
    ]
      .filter((part) => part !== '')
      .join('\n\n')
  return [
    '# How a flow is written',
    'Made of the tables that read flows (`npx vitest run test/shared/flow/reference.test.ts -u`). For editors there is `../flow.schema.json`; the editor of the bench completes and explains every key by itself.',
    ...reference.map(({ title, topics }) => [`## ${title}`, ...topics.map(topic)].join('\n\n')),
  ]
    .join('\n\n')
    .concat('\n')
}
