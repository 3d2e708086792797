/** For whom a rule is: every condition given must hold. */
import type { ListenerTransport, NoUsername, TextPattern, Who } from '../../../shared/acl/model.ts'
import { FieldRow } from './fields.tsx'
import { faultAt, type Fault } from './rules.ts'

interface Props {
  readonly who: Who
  readonly faults: readonly Fault[]
  /** `field` is the condition that changed. */
  readonly onWho: (who: Who, field: keyof Who) => void
}

const texts = [
  ['username', 'User'],
  ['clientId', 'Client ID'],
  ['endpointId', 'Endpoint ID'],
] as const
type TextField = (typeof texts)[number][0]

export function WhoEditor({ who, faults, onWho }: Props) {
  const set = <F extends keyof Who>(field: F, value: Who[F] | undefined) => {
    const { [field]: _, ...rest } = who
    onWho(value === undefined ? (rest as Who) : { ...who, [field]: value }, field)
  }
  return (
    <fieldset className="who-fields">
      <legend>For whom {Object.keys(who).length === 0 && <span className="dim">everybody</span>}</legend>
      {texts.map(([field, label]) => (
        <FieldRow key={field} label={label} fault={faultAt(faults, `who.${field}`)}>
          {(described) => (
            <Pattern
              field={field}
              label={label}
              described={described}
              pattern={who[field]}
              onPattern={(pattern) => set(field, pattern as (TextPattern & NoUsername) | undefined)}
            />
          )}
        </FieldRow>
      ))}
      <FieldRow label="Network" fault={faultAt(faults, 'who.network')}>
        {(described) => (
          <input
            className="input mono"
            placeholder="any, or 192.168.0.0/16"
            spellCheck={false}
            value={who.network ?? ''}
            onChange={({ target }) => set('network', target.value === '' ? undefined : target.value)}
            {...described}
          />
        )}
      </FieldRow>
      <FieldRow label="Listener" fault={faultAt(faults, 'who.listener')}>
        {(described) => <Listener who={who} described={described} onListener={(to) => set('listener', to)} />}
      </FieldRow>
    </fieldset>
  )
}

type Described = Parameters<Parameters<typeof FieldRow>[0]['children']>[0]

const kinds = { any: 'any', exact: 'is', wildcard: 'like', regex: 'matches', none: 'not given' } as const
type Kind = keyof typeof kinds
const hints: Partial<Record<Kind, string>> = { wildcard: 'os::00256D-*', regex: '^os::00256D-.{12}$' }

const kindOf = (pattern: TextPattern | NoUsername | undefined): Kind =>
  pattern === undefined ? 'any' : ((Object.keys(pattern)[0] ?? 'any') as Kind)

const patternTextOf = (pattern: TextPattern | NoUsername | undefined): string => {
  if (pattern === undefined || 'none' in pattern) return ''
  return 'exact' in pattern ? pattern.exact : 'wildcard' in pattern ? pattern.wildcard : pattern.regex
}

function patternOf(kind: Kind, text: string): TextPattern | NoUsername | undefined {
  if (kind === 'any') return undefined
  if (kind === 'none') return { none: true }
  return kind === 'exact' ? { exact: text } : kind === 'wildcard' ? { wildcard: text } : { regex: text }
}

interface PatternProps {
  readonly field: TextField
  readonly label: string
  readonly described: Described
  readonly pattern: TextPattern | NoUsername | undefined
  readonly onPattern: (pattern: TextPattern | NoUsername | undefined) => void
}

function Pattern({ field, label, described, pattern, onPattern }: PatternProps) {
  const kind = kindOf(pattern)
  const text = patternTextOf(pattern)
  const offered = (Object.keys(kinds) as Kind[]).filter((one) => one !== 'none' || field === 'username')
  return (
    <span className="who-pattern">
      <select
        className="input"
        aria-label={`How the ${label} is compared`}
        value={kind}
        onChange={({ target }) => onPattern(patternOf(target.value as Kind, text))}
      >
        {offered.map((one) => (
          <option key={one} value={one}>
            {kinds[one]}
          </option>
        ))}
      </select>
      {kind !== 'any' && kind !== 'none' && (
        <input
          className="input mono"
          spellCheck={false}
          placeholder={hints[kind] ?? 'empty'}
          value={text}
          onChange={({ target }) => onPattern(patternOf(kind, target.value))}
          {...described}
        />
      )}
    </span>
  )
}

const transports: Readonly<Record<ListenerTransport, string>> = {
  tcp: 'TCP',
  tls: 'TLS',
  ws: 'WebSocket',
  wss: 'secure WebSocket',
}

interface ListenerProps {
  readonly who: Who
  readonly described: Described
  readonly onListener: (listener: Who['listener']) => void
}

function Listener({ who: { listener }, described, onListener }: ListenerProps) {
  const set = (transport: string, port: string) => {
    const number = /^\d+$/.test(port) ? Number(port) : Number.NaN
    const next = {
      ...(transport !== '' && { transport: transport as ListenerTransport }),
      ...(port !== '' && { port: number }),
    }
    onListener(Object.keys(next).length === 0 ? undefined : next)
  }
  const transport = listener?.transport ?? ''
  const port = listener?.port === undefined || Number.isNaN(listener.port) ? '' : String(listener.port)
  return (
    <span className="who-pattern">
      <select
        className="input"
        aria-label="Transport of the listener"
        value={transport}
        onChange={({ target }) => set(target.value, port)}
      >
        <option value="">any</option>
        {Object.entries(transports).map(([id, words]) => (
          <option key={id} value={id}>
            {words}
          </option>
        ))}
      </select>
      <input
        className="input mono"
        type="number"
        min={1}
        max={65_535}
        placeholder="any port"
        value={port}
        onChange={({ target }) => set(transport, target.value)}
        {...described}
      />
    </span>
  )
}
