/** Flow files as lines of a list: folders with what is in them, and flows that have no file yet. Pure. */
import type { FlowFile } from '../../../shared/contract/flows.ts'
import { folderOf, nameOf } from './words.ts'

export type FileLine =
  | { readonly kind: 'draft'; readonly key: string; readonly depth: 0; readonly name: string }
  | {
      readonly kind: 'folder'
      readonly key: string
      readonly depth: number
      readonly name: string
      readonly files: number
      readonly folded: boolean
    }
  | {
      readonly kind: 'file'
      readonly key: string
      readonly depth: number
      readonly name: string
      readonly file: FlowFile
    }

/** `search`: words that occur in path, name, tags or requirements; then no folder is folded. */
export function fileLines(
  files: readonly FlowFile[],
  drafts: readonly { readonly slot: string; readonly name: string }[],
  search: string,
  folded: ReadonlySet<string>,
): FileLine[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = files.filter((file) => words.every((word) => wordsOf(file).includes(word)))
  const lines: FileLine[] = drafts.map(({ slot, name }) => ({
    kind: 'draft',
    key: slot,
    depth: 0,
    name,
  }))
  const add = (folder: string, depth: number) => {
    const inside = folder === '' ? '' : `${folder}/`
    const below = found.filter(({ path }) => path.startsWith(inside))
    const folders = new Set(
      below.flatMap(({ path }) => {
        const rest = path.slice(inside.length)
        return rest.includes('/') ? [inside + rest.slice(0, rest.indexOf('/'))] : []
      }),
    )
    for (const key of [...folders].sort()) {
      const isFolded = words.length === 0 && folded.has(key)
      const count = below.filter(({ path }) => path.startsWith(`${key}/`)).length
      lines.push({
        kind: 'folder',
        key,
        depth,
        name: key.slice(inside.length),
        files: count,
        folded: isFolded,
      })
      if (!isFolded) add(key, depth + 1)
    }
    for (const file of below)
      if (folderOf(file.path) === folder)
        lines.push({ kind: 'file', key: file.path, depth, name: nameOf(file.path), file })
  }
  add('', 0)
  return lines
}

const wordsOf = ({ path, name, tags, requirements }: FlowFile): string =>
  [path, name, ...tags, ...requirements].join('\n').toLowerCase()
