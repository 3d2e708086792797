/** One line of the packet tree. */
import { memo } from 'react'
import type { Finding } from '../../../shared/dissect/field.ts'
import { Icon, type IconName } from '../../ui/kit.tsx'
import type { TreeLine } from './tree.ts'

const INDENT = 16
const findingIcons: Readonly<Record<Finding['severity'], IconName>> = {
  error: 'error',
  warning: 'warning',
  note: 'note',
}
const findingClasses: Readonly<Record<Finding['severity'], string>> = {
  error: 'bad',
  warning: 'warn',
  note: 'dim',
}

/** `tree` is the id of the tree's element. */
export const lineId = (tree: string, line: TreeLine | undefined): string | undefined =>
  line && `${tree}-${line.path.replaceAll('.', '-')}`

interface Props {
  readonly tree: string
  readonly line: TreeLine
  readonly index: number
  readonly selected: boolean
}

export const TreeRow = memo(function TreeRow({ tree, line, index, selected }: Props) {
  const common = {
    role: 'row',
    'aria-level': line.depth + 1,
    'aria-rowindex': index + 1,
    'aria-selected': selected,
    'data-path': line.path,
    style: { paddingLeft: 8 + line.depth * INDENT },
  }
  if (line.kind === 'text')
    return (
      <div {...common} className="tree-line is-text mono">
        <span role="gridcell">{line.text}</span>
      </div>
    )
  if (line.kind === 'finding') {
    const { severity } = line.finding
    return (
      <div
        {...common}
        className={`tree-line ${findingClasses[severity]} ${line.continued ? 'is-continued' : ''}`}
      >
        {!line.continued && <Icon name={findingIcons[severity]} label={severity} />}
        <span role="gridcell">{line.text}</span>
      </div>
    )
  }
  return (
    <div
      {...common}
      id={lineId(tree, line)}
      className="tree-line"
      aria-expanded={line.expandable ? line.open : undefined}
      title={line.field.name}
    >
      <span className="twist" data-part={line.expandable ? 'twist' : undefined} aria-hidden="true">
        {line.expandable && <Icon name={line.open ? 'down' : 'right'} />}
      </span>
      <span role="gridcell" className={line.expandable ? 'label is-group' : 'label'}>
        {line.expandable ? line.field.label : `${line.field.label}: `}
      </span>
      {line.text !== '' && (
        <span role="gridcell" className={line.expandable ? 'value dim' : 'value'}>
          {line.text}
          {line.rest !== undefined && '…'}
        </span>
      )}
      {line.rest !== undefined && (
        <button type="button" className="link" tabIndex={-1} data-part="fold">
          {line.unfolded ? 'fold' : `show ${line.rest}`}
        </button>
      )}
    </div>
  )
})
