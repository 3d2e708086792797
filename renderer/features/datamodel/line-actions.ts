/** What can be done with a line of the tree: one table for keys, menu and the buttons beside it. */
import { copy, focus } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import type { MenuItem } from '../../ui/menu.tsx'
import { isObjectLine, type Line } from './lines.ts'

export interface LineAction {
  readonly id: string
  readonly title: string
  readonly key: string
  readonly applies: (line: Line) => boolean
  readonly run: (model: Model, line: Line) => void
}

const isReal = (line: Line): boolean => !line.path.includes('{i}')
export const isWritable = (line: Line): boolean =>
  line.kind === 'parameter' && isReal(line) && line.parameter?.access !== 'read-only'
const access = (line: Line): string => (isObjectLine(line) ? (line.object?.access ?? '') : '')
export const canAdd = (line: Line): boolean =>
  line.kind === 'table' && isReal(line) && access(line).startsWith('add')
export const canDelete = (line: Line): boolean =>
  line.kind === 'row' && isReal(line) && access(line).includes('delete')

/** What a Subscription on a line is about, by what the line is. */
export const subscriptionKind = {
  parameter: 'ValueChange',
  object: 'ValueChange',
  row: 'ValueChange',
  table: 'ObjectCreation',
  command: 'OperationComplete',
  event: 'Event',
} as const satisfies Readonly<Record<Line['kind'], string>>

/** Where the keyboard goes for what needs to be filled in. */
export const DETAIL_FIELD = 'model-detail-field'

export async function subscribe(model: Model, line: Line): Promise<void> {
  const { endpointId } = model.dataModel.getState()
  if (endpointId === undefined) return
  const kind = subscriptionKind[line.kind]
  const done = await model.run('model.subscribe', {
    endpointId,
    kind,
    references: [line.path],
    persistent: false,
    notifyRetry: false,
  })
  if (done) model.notices.getState().say(`Subscribed to ${kind} of ${line.path} until the bench ends.`)
}

export async function watch(model: Model, paths: readonly string[], seconds: number): Promise<void> {
  const { endpointId } = model.dataModel.getState()
  if (endpointId === undefined || paths.length === 0) return
  const done = await model.run('model.watch', { endpointId, paths: [...paths], seconds })
  if (done)
    model.notices.getState().say(`${paths.length === 1 ? paths[0] : `${paths.length} parameters`} watched.`)
}

/** Seconds between two questions about what is watched without more ado. */
export const WATCH_SECONDS = 5

export const lineActions: readonly LineAction[] = [
  {
    id: 'edit',
    title: 'Set the value…',
    key: 'Enter',
    applies: isWritable,
    run: ({ dataModel }, { path }) => dataModel.edit(path),
  },
  {
    id: 'operate',
    title: 'Operate…',
    key: 'Enter',
    applies: (line) => line.kind === 'command' && isReal(line),
    run: () => focus(DETAIL_FIELD),
  },
  {
    id: 'open',
    title: 'Open or close',
    key: 'Enter',
    applies: isObjectLine,
    run: ({ dataModel }, line) => isObjectLine(line) && dataModel.toggle(line.path, !line.open),
  },
  {
    id: 'undo',
    title: 'Undo: set what it was before',
    key: 'u',
    applies: (line) => line.kind === 'parameter',
    run: ({ dataModel }, { path }) => void dataModel.undo(path),
  },
  {
    id: 'read',
    title: 'Read again',
    key: 'r',
    applies: (line) => isReal(line) && (isObjectLine(line) || line.kind === 'parameter'),
    run: ({ dataModel }, line) =>
      void dataModel.load(
        isObjectLine(line) ? line.path : line.path.slice(0, line.path.lastIndexOf('.') + 1),
      ),
  },
  {
    id: 'add',
    title: 'Add a row…',
    key: 'n',
    applies: canAdd,
    run: () => focus(DETAIL_FIELD),
  },
  {
    id: 'delete',
    title: 'Delete the row…',
    key: 'Delete',
    applies: canDelete,
    // The button asks once more.
    run: () => document.querySelector<HTMLElement>(`#${DETAIL_FIELD} button`)?.focus(),
  },
  {
    id: 'subscribe',
    title: 'Subscribe to what happens here',
    key: 's',
    applies: isReal,
    run: (model, line) => void subscribe(model, line),
  },
  {
    id: 'watch',
    title: 'Watch the value',
    key: 'w',
    applies: (line) => line.kind === 'parameter' && isReal(line),
    run: (model, { path }) => void watch(model, [path], WATCH_SECONDS),
  },
  {
    id: 'copy',
    title: 'Copy the path',
    key: 'y',
    applies: () => true,
    run: (model, { path }) => void copy(model, 'the path', path),
  },
  {
    id: 'copy-value',
    title: 'Copy the value',
    key: 'shift+y',
    applies: (line) => line.kind === 'parameter' && line.value !== undefined,
    run: (model, line) => line.kind === 'parameter' && void copy(model, 'the value', line.value ?? ''),
  },
]

/** `key` as a KeyboardEvent has it. */
export const actionByKey = (key: string, line: Line): LineAction | undefined =>
  lineActions.find((action) => action.applies(line) && (key === 'Y' ? 'shift+y' : key) === action.key)

export const lineMenu = (model: Model, line: Line): MenuItem[] =>
  lineActions
    .filter((action) => action.applies(line))
    .map((action) => ({
      title: action.title,
      chord: action.key.toLowerCase(),
      run: () => action.run(model, line),
    }))
