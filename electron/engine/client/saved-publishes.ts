/** Saved publishes: files below `publishes/` of the workspace, readable in a diff. */
import { join } from 'node:path'
import * as v from 'valibot'
import type { HandlersOf } from '../../../shared/contract/command.ts'
import {
  MAX_PAYLOAD_TEXT,
  publishDraft,
  type mqttClientCommands,
  type PublishDraft,
  type SavedPublish,
} from '../../../shared/contract/mqtt-client.ts'
import { JsonFault, parseJson } from '../../../shared/usp/json-check.ts'
import type { Variables } from '../../../shared/usp/forms/variables.ts'
import { KeptFiles, type KeptFile, type KeptFormat } from '../workspace/kept-files.ts'

export const PUBLISHES_FOLDER = 'publishes'
const VERSION = 1

interface Kept {
  readonly publish: PublishDraft
  readonly note: string
  readonly variables: Variables
}

const payloadLines = v.object({ text: v.array(v.string()) })
const fileSchema = v.object({
  oktobench: v.literal('publish'),
  version: v.literal(VERSION),
  note: v.optional(v.string(), ''),
  variables: v.optional(v.record(v.string(), v.string()), {}),
  publish: v.looseObject({ payload: v.looseObject(payloadLines.entries) }),
})

const format: KeptFormat<Kept, { readonly topic: string; readonly note: string }> = {
  noun: 'publish',
  maxFileBytes: 4 * MAX_PAYLOAD_TEXT,
  read(text, name) {
    const file = v.safeParse(fileSchema, parseJson(text))
    if (!file.success) throw new JsonFault('', `This is no saved publish: ${file.issues[0].message}.`)
    const { note, variables, publish } = file.output
    const { payload } = publish
    const draft = v.safeParse(publishDraft, {
      ...publish,
      payload: { ...payload, text: payload.text.join('\n') },
    })
    if (!draft.success) throw new JsonFault(v.getDotPath(draft.issues[0]) ?? '', draft.issues[0].message)
    return [{ name, note, variables, publish: draft.output }]
  },
  format({ publish, note, variables }) {
    const { payload } = publish
    const file = {
      oktobench: 'publish',
      version: VERSION,
      ...(note !== '' && { note }),
      ...(Object.keys(variables).length > 0 && { variables }),
      // By lines: a text with line ends in one string reads badly.
      publish: { ...publish, payload: { ...payload, text: payload.text.split('\n') } },
    }
    return `${JSON.stringify(file, null, 2)}\n`
  },
  look: ({ publish, note }) => ({
    row: { topic: publish.topic, note },
    words: `${note}\n${publish.topic}\n${publish.payload.text}`,
  }),
  emptyRow: { topic: '', note: '' },
}

type Handlers = HandlersOf<typeof mqttClientCommands>

/** `folder`: the workspace. Nothing is read or made before it is asked for. */
export const publishFiles = (folder: string) => new KeptFiles(join(folder, PUBLISHES_FOLDER), format)
export type PublishFiles = ReturnType<typeof publishFiles>

export function savedPublishes(files: PublishFiles): Pick<Handlers, `publishes.${string}` & keyof Handlers> {
  const told = ({ path, kept, stamp }: KeptFile<Kept>): SavedPublish => {
    const { publish, note, variables } = kept
    return { path, publish, note, variables, stamp }
  }
  return {
    async 'publishes.list'({ text }) {
      const { rows, left } = await files.list(text)
      return { publishes: rows, left }
    },
    'publishes.read': async ({ path }) => told(await files.read(path)),
    'publishes.save': async ({ path, over, ...kept }) => told(await files.save(path, kept, over)),
    'publishes.rename': ({ from, to }) => files.rename(from, to),
    'publishes.delete': ({ path }) => files.trash(path),
  }
}
