/** One line of the data model: name, value, type, access. */
import { memo, useState, type KeyboardEvent } from 'react'
import { Icon } from '../../ui/kit.tsx'
import { isObjectLine, type Line, type ParameterLine } from './lines.ts'

const INDENT = 16

export const lineId = (path: string): string => `model-${path.replaceAll(/[^A-Za-z0-9]/g, '-')}`

export interface RowState {
  readonly selected: boolean
  readonly loading: boolean
  readonly sending: boolean
  readonly editing: boolean
  readonly fault: string | undefined
  /** What it had before it was set from here. */
  readonly before: string | undefined
}

interface Props extends RowState {
  readonly line: Line
  readonly index: number
  readonly onSet: (path: string, value: string) => void
  readonly onCancel: () => void
}

export const TreeRow = memo(function TreeRow(props: Props) {
  const { line, index, selected } = props
  const group = isObjectLine(line)
  return (
    <div
      id={lineId(line.path)}
      className={`model-line is-${line.kind}`}
      role="row"
      aria-level={line.depth + 1}
      aria-rowindex={index + 1}
      aria-selected={selected}
      aria-expanded={group ? line.open : undefined}
      data-path={line.path}
    >
      <span role="gridcell" className="model-name" style={{ paddingLeft: 6 + line.depth * INDENT }}>
        <span className="twist" data-part={group ? 'twist' : undefined} aria-hidden="true">
          {group && <Icon name={line.open ? 'down' : 'right'} />}
        </span>
        <span className={line.kind === 'row' ? '' : 'cut'} title={line.path}>
          {line.label}
        </span>
        {line.kind === 'table' && line.count !== undefined && (
          <span className="dim number">{line.count}</span>
        )}
        {line.kind === 'row' && line.keys && (
          <span className="dim cut" title={line.keys}>
            {line.keys}
          </span>
        )}
      </span>
      <span role="gridcell" className="model-value mono">
        <Value {...props} />
      </span>
      <span role="gridcell" className="dim cut">
        {typeOf(line)}
      </span>
      <span role="gridcell" className="dim cut" title={accessOf(line)}>
        {accessOf(line)}
      </span>
    </div>
  )
})

function Value({ line, loading, sending, editing, fault, before, onSet, onCancel }: Props) {
  if (loading || sending) return <span className="dim">{sending ? 'sending…' : 'reading…'}</span>
  if (line.kind === 'parameter' && editing) return <Editor line={line} onSet={onSet} onCancel={onCancel} />
  const failure = fault ?? (isObjectLine(line) ? line.failure : undefined)
  return (
    <>
      {line.kind === 'parameter' && <Shown line={line} />}
      {before !== undefined && (
        <span className="model-before dim cut" title={`Before it was set from here: ${before}`}>
          was {before === '' ? 'empty' : before}
          <button type="button" className="link" tabIndex={-1} data-part="undo">
            undo
          </button>
        </span>
      )}
      {failure !== undefined && (
        <span className="model-fault bad" title={failure}>
          <Icon name="error" label="Failed" />
          <span className="cut">{failure}</span>
        </span>
      )}
    </>
  )
}

function Shown({ line: { value, parameter } }: { line: ParameterLine }) {
  if (value === undefined) {
    return parameter?.access === 'write-only' ? <span className="dim">cannot be read</span> : null
  }
  if (value === '') return <span className="dim">empty</span>
  return (
    <span className="model-shown cut" title={value}>
      {value}
    </span>
  )
}

interface EditorProps {
  readonly line: ParameterLine
  readonly onSet: (path: string, value: string) => void
  readonly onCancel: () => void
}

/** Enter sets, Esc leaves it. */
function Editor({ line, onSet, onCancel }: EditorProps) {
  const { path, value = '', parameter } = line
  const [text, setText] = useState(value)
  const isBoolean = parameter?.type === 'boolean'
  const field = {
    className: 'input mono',
    'aria-label': `New value of ${path}`,
    autoFocus: true,
    value: text,
    onBlur: onCancel,
    onKeyDown(event: KeyboardEvent) {
      event.stopPropagation()
      if (event.key === 'Enter') onSet(path, text)
      else if (event.key === 'Escape') onCancel()
      else return
      event.preventDefault()
    },
  }
  if (!isBoolean) {
    return (
      <input
        {...field}
        spellCheck={false}
        maxLength={65_536}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setText(event.target.value)}
      />
    )
  }
  const options = ['true', 'false', ...(['true', 'false'].includes(value) ? [] : [value])]
  return (
    <select {...field} onChange={(event) => setText(event.target.value)}>
      {options.map((option) => (
        <option key={option}>{option}</option>
      ))}
    </select>
  )
}

function typeOf(line: Line): string {
  if (line.kind === 'parameter') return line.parameter?.type ?? 'not in the model'
  if (line.kind === 'command') return line.command.kind === 'async' ? 'async command' : 'command'
  return line.kind
}

const accessWords = {
  'add-delete': 'add, delete',
  'add-only': 'add',
  'delete-only': 'delete',
  'read-only': '',
} as const

function accessOf(line: Line): string {
  if (line.kind === 'parameter') return line.parameter?.access ?? ''
  if (line.kind === 'table' || line.kind === 'row') return accessWords[line.object?.access ?? 'read-only']
  return ''
}
