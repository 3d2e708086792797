/** The numbers of what a fault does. */
import { connackParts, shrinkable, type ConnackPart, type FaultAction } from '../../../shared/faults/model.ts'
import { hexByte, REASON_CODES } from '../../../shared/mqtt/reason-codes.ts'
import { Labelled } from '../../app/dialog.tsx'
import { numberOf } from './draft.ts'

interface NumberFieldProps {
  readonly label: string
  readonly value: number | undefined
  readonly min: number
  readonly max: number
  /** Undefined when the field was emptied. */
  readonly onValue: (value: number | undefined) => void
}

export function NumberField({ label, value, min, max, onValue }: NumberFieldProps) {
  return (
    <Labelled label={label}>
      <input
        className="input number"
        type="number"
        min={min}
        max={max}
        value={value ?? ''}
        placeholder="no limit"
        onChange={({ target }) => onValue(numberOf(target.value))}
      />
    </Labelled>
  )
}

const FIRST_ERROR = 0x80
const codes = REASON_CODES.filter(({ code }) => code >= FIRST_ERROR)

interface Props {
  readonly action: FaultAction
  readonly onAction: (action: FaultAction) => void
}

export function ActionFields({ action, onAction }: Props) {
  switch (action.kind) {
    case 'refuse':
      return (
        <Labelled
          label="Reason code"
          remark="CONNECT, PUBLISH of QoS 1 and 2, SUBSCRIBE and UNSUBSCRIBE are answered with it; after other packets the connection ends with it. MQTT 3.x has fewer: there the nearest one goes out, or the line is closed."
        >
          <select
            className="input"
            value={action.reasonCode}
            onChange={({ target }) => onAction({ ...action, reasonCode: Number(target.value) })}
          >
            {codes.map(({ code, name }) => (
              <option key={code} value={code}>
                {hexByte(code)} {name}
              </option>
            ))}
          </select>
        </Labelled>
      )
    case 'delay':
      return (
        <div className="fault-numbers">
          <NumberField
            label="Milliseconds"
            value={action.ms}
            min={0}
            max={600_000}
            onValue={(ms) => onAction({ ...action, ms: ms ?? 0 })}
          />
          <NumberField
            label="Give or take"
            value={action.jitterMs}
            min={0}
            max={600_000}
            onValue={(jitterMs) => onAction({ ...action, jitterMs: jitterMs ?? 0 })}
          />
        </div>
      )
    case 'duplicate':
      return (
        <NumberField
          label="How many more times"
          value={action.copies}
          min={1}
          max={100}
          onValue={(copies) => onAction({ ...action, copies: copies ?? 1 })}
        />
      )
    case 'reorder':
      return (
        <NumberField
          label="How many go first (after a second without any it goes by itself)"
          value={action.behind}
          min={1}
          max={100}
          onValue={(behind) => onAction({ ...action, behind: behind ?? 1 })}
        />
      )
    case 'cut':
      return (
        <NumberField
          label="Bytes of the packet that still go out"
          value={action.bytes}
          min={0}
          max={0xfff_ffff}
          onValue={(bytes) => onAction({ ...action, bytes: bytes ?? 0 })}
        />
      )
    case 'shrink':
      return (
        <div className="fault-numbers">
          {shrinkable.map(([name, label]) => (
            <NumberField
              key={name}
              label={label}
              value={action[name]}
              min={name === 'topicAliasMaximum' || name === 'serverKeepAlive' ? 0 : 1}
              max={name === 'maximumPacketSize' ? 0xffff_ffff : 65_535}
              onValue={(value) => {
                const { [name]: _, ...others } = action
                onAction(value === undefined ? others : { ...others, [name]: value })
              }}
            />
          ))}
        </div>
      )
    case 'omit':
      return (
        <Omitted
          parts={action.parts}
          onParts={(parts) =>
            onAction({ ...action, parts: connackParts.filter((one) => parts.includes(one)) })
          }
        />
      )
    case 'drop':
      return null
  }
}

const partWords: Readonly<Record<ConnackPart, string>> = {
  'subscribe-topic': 'subscribe-topic (user property)',
  'response-information': 'Response Information',
}

function Omitted({
  parts,
  onParts,
}: {
  readonly parts: readonly ConnackPart[]
  readonly onParts: (parts: readonly ConnackPart[]) => void
}) {
  return (
    <div className="fault-checks" role="group" aria-label="What CONNACK leaves out">
      {connackParts.map((part) => (
        <label className="check" key={part}>
          <input
            type="checkbox"
            checked={parts.includes(part)}
            onChange={({ target }) =>
              onParts(target.checked ? [...parts, part] : parts.filter((one) => one !== part))
            }
          />
          {partWords[part]}
        </label>
      ))}
    </div>
  )
}
