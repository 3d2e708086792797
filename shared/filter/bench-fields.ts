/** Fields that are not in the bytes: what the bench knows of a row and its connection. */
import {
  ACL_VERDICTS,
  type ColumnName,
  EVERY_ROW,
  LINT_SEVERITIES,
  CLOSE_ROW,
  MALFORMED_ROW,
  PROBE_ROW,
  VERDICTS,
} from './columns.ts'
import type { ColumnUse, EnumName, FieldDefinition, FieldType } from './definition.ts'

type Row = readonly [
  name: string,
  label: string,
  type: FieldType,
  columns: ColumnName | readonly ColumnUse[],
  description: string,
  more?: Partial<Omit<FieldDefinition, 'tree'>> & { readonly tree?: Partial<FieldDefinition['tree']> },
]

const numbered = (names: readonly string[]): EnumName[] => names.map((name, code) => [code, name])

/** Kinds of rows, and which type of a row is which. */
const KINDS = ['packet', 'malformed', 'close', 'probe'] as const
const kindOfType = new Map<number | string, number>([
  [MALFORMED_ROW, KINDS.indexOf('malformed')],
  [CLOSE_ROW, KINDS.indexOf('close')],
  [PROBE_ROW, KINDS.indexOf('probe')],
])

const IN = 0
const OUT = 1
const use = (column: ColumnName, way?: 0 | 1): ColumnUse =>
  way === undefined ? { column, rows: EVERY_ROW } : { column, rows: EVERY_ROW, way }

/** Inbound a packet comes from the peer, outbound from the bench. */
const source = (peer: ColumnName, bench: ColumnName) => [use(peer, IN), use(bench, OUT)]
const target = (peer: ColumnName, bench: ColumnName) => [use(peer, OUT), use(bench, IN)]
const sourceAddress = source('peerAddress', 'localAddress')
const targetAddress = target('peerAddress', 'localAddress')
const sourcePort = source('peerPort', 'localPort')
const targetPort = target('peerPort', 'localPort')

const measured = (column: ColumnName): ColumnUse[] => [
  { ...use(column), read: (raw) => (Number.isNaN(raw) ? undefined : raw) },
]
/** The column holds a place in a list, of which 0 is "none". */
const unlessNone = (column: ColumnName): ColumnUse[] => [
  { ...use(column), read: (raw) => (raw === 0 ? undefined : raw) },
]
const names = (...list: string[]) => ({ tree: { names: new Set(list) } })

const rows: readonly Row[] = [
  ['frame.number', 'Number', 'number', 'no', 'row number in this capture'],
  ['frame.time', 'Time', 'time', 'time', 'time of day; without a zone it is UTC'],
  [
    'frame.time_relative',
    'Time since start',
    'duration',
    'elapsed',
    'since the capture began; a plain number is seconds',
  ],
  [
    'frame.time_delta',
    'Time since previous',
    'duration',
    measured('delta'),
    'since the row before; a plain number is seconds',
  ],
  ['frame.len', 'Length', 'number', 'length', 'bytes of the whole MQTT packet'],
  [
    'direction',
    'Direction',
    'enum',
    'direction',
    'in (to the bench) or out (from it)',
    { names: numbered(['in', 'out']), aliases: ['frame.direction'] },
  ],
  [
    'kind',
    'Kind',
    'enum',
    [{ ...use('type'), read: (type) => kindOfType.get(type) ?? KINDS.indexOf('packet') }],
    'kind of row',
    { names: numbered(KINDS) },
  ],
  [
    'verdict',
    'Verdict',
    'enum',
    'verdict',
    'what the bench did with the packet',
    { names: numbered(VERDICTS) },
  ],
  ['marked', 'Marked', 'presence', unlessNone('marked'), 'marked by hand', { aliases: ['frame.marked'] }],
  ['rtt', 'Round-trip time', 'duration', measured('rtt'), 'from the request to this answer'],

  ['device', 'Device', 'string', 'device', 'endpoint ID, else user name, else client ID, else address'],
  [
    'connection',
    'Connection',
    'number',
    'connection',
    'number of the connection',
    { aliases: ['connection.id'] },
  ],
  [
    'transport',
    'Transport',
    'enum',
    'transport',
    'transport of the connection',
    { names: numbered(['tcp', 'tls', 'ws', 'wss']), aliases: ['connection.transport'] },
  ],
  [
    'connection.version',
    'MQTT version',
    'enum',
    'version',
    'MQTT version of the connection',
    { names: numbered(['3.1', '3.1.1', '5.0']) },
  ],
  ['connection.clientid', 'Client ID', 'string', 'clientId', 'client ID of the connection, on all its rows'],
  ['connection.username', 'User name', 'string', 'username', 'user name of the connection, on all its rows'],
  ['connection.endpoint', 'Endpoint ID', 'string', 'endpointId', 'endpoint ID of the connection'],

  ['ip.src', 'Source address', 'ip', sourceAddress, 'who sent it; an address or a network', v6('ipv6.src')],
  ['ip.dst', 'Destination address', 'ip', targetAddress, 'where it went', v6('ipv6.dst')],
  [
    'ip.addr',
    'Address',
    'ip',
    [...sourceAddress, ...targetAddress],
    'source or destination address',
    { ...v6('ipv6.addr'), many: true, ...names('ip.src', 'ip.dst') },
  ],
  ['tcp.srcport', 'Source port', 'number', sourcePort, 'TCP port of the sender'],
  ['tcp.dstport', 'Destination port', 'number', targetPort, 'TCP port of the receiver'],
  [
    'tcp.port',
    'Port',
    'number',
    [...sourcePort, ...targetPort],
    'source or destination port',
    { many: true, ...names('tcp.srcport', 'tcp.dstport') },
  ],

  [
    'acl.verdict',
    'Access verdict',
    'enum',
    unlessNone('aclVerdict'),
    'what the access list said',
    { names: numbered(ACL_VERDICTS).slice(1) },
  ],
  ['fault', 'Fault', 'string', 'fault', 'name of the fault on purpose that met the packet', { many: true }],
  ['acl.rule', 'Access rule', 'string', 'aclRule', 'name of the rule that decided'],
  [
    'lint.rule',
    'Finding',
    'string',
    [],
    'rule or requirement of a finding, e.g. content-type or R-MQTT.27',
    {
      many: true,
      tree: { findings: true },
      // Requirements and statements, which dissection remarks too, have capital letters.
      known: { form: /^[a-z0-9-]+$/, field: 'lint.id', within: 'lint' },
    },
  ],
  [
    'lint.id',
    'Rule of the linter',
    'string',
    'lintRule',
    'rule of a finding of the linter by its short name, e.g. content-type',
    { many: true, tree: { names: new Set(['lint']) } },
  ],
  [
    'lint.severity',
    'Severity of findings',
    'enum',
    unlessNone('lint'),
    'the worst finding of the linter; lint.severity >= 2 is warning or error',
    { names: numbered(LINT_SEVERITIES).slice(1), numeric: true },
  ],
  ['lint', 'Finding of the linter', 'presence', unlessNone('lint'), 'the linter found something'],
  ['lint.seen', 'Seen', 'string', [], 'what the linter saw', { many: true }],
  ['lint.expected', 'Expected', 'string', [], 'what the linter expected', { many: true }],
  ['lint.remedy', 'Remedy', 'string', [], 'how to mend it on an OB-USP-A', { many: true }],
  ['lint.related', 'Related packet', 'number', [], 'another packet that a finding rests on', { many: true }],
]

function v6(alias: string) {
  return { aliases: [alias] }
}

export const benchFields: readonly FieldDefinition[] = rows.map(
  ([name, label, type, columns, description, more = {}]) => {
    const { aliases = [], many = false } = more
    return {
      name,
      label,
      type,
      description,
      columns: typeof columns === 'string' ? [use(columns)] : columns,
      ...more,
      many,
      aliases,
      tree: { names: new Set([name, ...aliases]), rows: EVERY_ROW, ...more.tree },
    }
  },
)
