/** What a person deletes goes to `.trash` beside it: it can be taken back by hand. */
import { mkdir, readdir, rename } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'

export const TRASH = '.trash'

/**
 * Moves a file or folder to `.trash` of `root`, under its name or the one given, with a number where that is taken.
 * Rejects as `rename` does: ENOENT when it is not there.
 */
export async function moveToTrash(root: string, path: string, name = basename(path)): Promise<void> {
  const trash = join(root, TRASH)
  await mkdir(trash, { recursive: true })
  // Without regard to capitals: some systems have none.
  const taken = new Set((await readdir(trash)).map((one) => one.toLowerCase()))
  const ending = extname(name)
  const stem = name.slice(0, name.length - ending.length)
  let free = name
  for (let attempt = 2; taken.has(free.toLowerCase()); attempt++) free = `${stem}-${attempt}${ending}`
  await rename(path, join(trash, free))
}
