/** MQTT as Wireshark reads it: the second opinion on captures. Use inside a suite that needs the package tshark. */
import { execFileSync, spawnSync } from 'node:child_process'
import { PACKET_TYPES } from '../../shared/mqtt/frame.ts'
import { type PropertyDefinition, propertyById } from '../../shared/mqtt/properties.ts'
import { requireTool } from './tools.ts'

/** A value of a property: bytes stand as the text that a lenient UTF-8 decoder makes of them, as tshark has it. */
export type Value = number | string | readonly [name: string, value: string]
export type PropertyPair = readonly [label: string, value: Value]

/** What two readers of one packet must agree on. What a packet does not have is absent. */
export interface Seen {
  readonly type: string
  readonly topics: readonly string[]
  readonly reasonCodes: readonly number[]
  readonly packetId?: number
  readonly clientId?: string
  readonly level?: number
  readonly keepAlive?: number
  readonly username?: string
  readonly password?: string
  readonly willTopic?: string
  readonly qos?: number
  readonly dup?: boolean
  readonly retain?: boolean
  /** Hexadecimal; of PUBLISH. */
  readonly payload?: string
  readonly sessionPresent?: boolean
  /** QoS, No Local, Retain As Published, Retain Handling of each subscription (5.0). */
  readonly options?: readonly (readonly number[])[]
  readonly properties: readonly PropertyPair[]
  readonly willProperties: readonly PropertyPair[]
}

type Json = string | readonly Json[] | { readonly [name: string]: Json }
type Layer = { readonly [name: string]: Json }

const MIB = 1024 * 1024

/** The packets of a file in its order. `port` is where MQTT is spoken. */
export function tsharkPackets(file: string, port = 1883): Seen[] {
  const decodeAs = ['-d', `tcp.port==${port},mqtt`]
  // Several fields of one name become a list; without this the last one would be all that JSON keeps.
  const form = ['-T', 'json', '--no-duplicate-keys', '-J', 'mqtt']
  const out = execFileSync(requireTool('tshark'), ['-n', '-r', file, ...decodeAs, '-Y', 'mqtt', ...form], {
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 256 * MIB,
  })
  const frames = JSON.parse(out.toString()) as { _source: { layers: { mqtt: Json } } }[]
  return frames.flatMap(({ _source }) => listOf(_source.layers.mqtt).map((layer) => seen(layer as Layer)))
}

/** Values of fields, a list for each packet that matches the display filter. */
export const tsharkFields = (file: string, filter: string, ...names: string[]): string[][] =>
  execFileSync(
    requireTool('tshark'),
    [
      '-n',
      '-r',
      file,
      '-Y',
      filter,
      '-T',
      'fields',
      '-E',
      'occurrence=a',
      ...names.flatMap((name) => ['-e', name]),
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 64 * MIB },
  )
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'))

/**
 * What capinfos and tshark say against a file: anything on their standard error, and expert information of
 * severity warning or worse, be it about IP, TCP or MQTT. Empty for a clean file.
 */
export function complaints(file: string): string[] {
  const WARNING = 0x60_0000
  const filter = `_ws.expert.severity >= ${WARNING}`
  const runs = [
    spawnSync(requireTool('capinfos'), [file], { maxBuffer: 64 * MIB }),
    spawnSync(
      requireTool('tshark'),
      ['-n', '-r', file, '-Y', filter, '-T', 'fields', '-e', '_ws.expert.message'],
      {
        maxBuffer: 64 * MIB,
      },
    ),
  ]
  const [info, experts] = runs
  const said = runs.flatMap(({ stderr }) => stderr.toString().split('\n'))
  const found = experts?.stdout.toString().split('\n') ?? []
  const ended = info?.status === 0 && experts?.status === 0 ? [] : ['ended with a failure']
  return [...said, ...found, ...ended].filter((line) => line !== '' && !line.startsWith('Running as user'))
}

const listOf = (value: Json | undefined): readonly Json[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly Json[]) : [value]
const texts = (layer: Layer, name: string): string[] => listOf(layer[name]).map((value) => value as string)

function seen(layer: Layer): Seen {
  const header = layer['mqtt.hdrflags_tree'] as Layer
  const text = (name: string) => texts(layer, name)[0]
  const count = (name: string, from = layer) => {
    const value = texts(from, name)[0]
    return value === undefined ? undefined : Number(value)
  }
  const type = PACKET_TYPES[count('mqtt.msgtype', header) ?? 0] ?? ''
  const isPublish = type === 'PUBLISH'
  const flag = (name: string, from: Layer = header) => texts(from, name)[0] === '1'
  return present({
    type,
    topics: texts(layer, 'mqtt.topic'),
    reasonCodes: CODES.flatMap((name) => texts(layer, name).map(Number)),
    packetId: count('mqtt.msgid'),
    clientId: type === 'CONNECT' ? (text('mqtt.clientid') ?? '') : undefined,
    level: count('mqtt.ver'),
    keepAlive: count('mqtt.kalive'),
    username: text('mqtt.username'),
    password: text('mqtt.passwd'),
    willTopic: text('mqtt.willtopic'),
    ...(isPublish && {
      qos: count('mqtt.qos', header),
      dup: flag('mqtt.dupflag'),
      retain: flag('mqtt.retain'),
      payload: (text('mqtt.msg') ?? '').replaceAll(':', ''),
    }),
    ...(type === 'CONNACK' && {
      sessionPresent: flag('mqtt.conack.flags.sp', layer['mqtt.conack.flags_tree'] as Layer),
    }),
    ...(layer['mqtt.subscription_options_tree'] !== undefined && {
      options: listOf(layer['mqtt.subscription_options_tree']).map((tree) =>
        OPTIONS.map((name) => count(`mqtt.subscription_options_${name}`, tree as Layer) ?? -1),
      ),
    }),
    properties: properties(layer['mqtt.properties']),
    willProperties: properties(layer['mqtt.will_properties']),
  })
}

const CODES = [
  'mqtt.conack.val',
  'mqtt.suback.qos',
  ...['connack', 'puback', 'pubrec', 'pubrel', 'pubcomp', 'suback', 'unsuback', 'disconnect', 'auth'].map(
    (type) => `mqtt.${type}.reason_code`,
  ),
]
const OPTIONS = ['qos', 'nl', 'rap', 'retain'] as const

/** Where tshark has the values of a property; those of one kind stand in one list, in the order of the packet. */
const ownField: Readonly<Record<number, string>> = {
  0x03: 'mqtt.property.content_type',
  0x23: 'mqtt.property.topic_alias',
  0x24: 'mqtt.property.max_qos',
}

function properties(group: Json | undefined): PropertyPair[] {
  if (group === undefined || typeof group === 'string') return []
  const layer = group as Layer
  const taken = new Map<string, number>()
  const next = (name: string): string => {
    const at = taken.get(name) ?? 0
    taken.set(name, at + 1)
    return texts(layer, name)[at] ?? ''
  }
  return texts(layer, 'mqtt.property_id').map((id) => {
    const definition = propertyById(Number(id))
    if (definition === undefined) throw new Error(`tshark tells of a property ${id}`)
    return [definition.label, valueOf(definition, next)]
  })
}

function valueOf({ id, type }: PropertyDefinition, next: (name: string) => string): Value {
  if (type === 'utf8Pair') return [next('mqtt.prop_key'), next('mqtt.prop_value')]
  const isText = type === 'utf8' || type === 'binary'
  const value = next(ownField[id] ?? (isText ? 'mqtt.prop_string' : 'mqtt.prop_number'))
  return isText ? value : Number(value)
}

/** Without the members that are undefined. */
export const present = <T extends object>(value: { readonly [N in keyof T]: T[N] | undefined }): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T
