import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { moveToTrash } from '../../../electron/engine/workspace/trash.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'oktobench-trash-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const trash = async (): Promise<string[]> => (await readdir(join(root, '.trash'))).sort()

test('files and folders keep their names, with a number where one is taken', async () => {
  for (const name of ['a.yaml', 'A.yaml', 'a.yaml']) {
    await writeFile(join(root, name), name)
    await moveToTrash(root, join(root, name))
  }
  for (let turn = 0; turn < 2; turn++) {
    await mkdir(join(root, 'folder'))
    await moveToTrash(root, join(root, 'folder'))
  }
  expect(await trash()).toEqual(['A-2.yaml', 'a-3.yaml', 'a.yaml', 'folder', 'folder-2'])
  expect(await readdir(root)).toEqual(['.trash'])
})

test('under another name, and what is not there is told', async () => {
  await mkdir(join(root, 'lab'))
  await writeFile(join(root, 'lab', 'x.yaml'), '')
  await moveToTrash(root, join(root, 'lab', 'x.yaml'), 'lab-x.yaml')
  expect(await trash()).toEqual(['lab-x.yaml'])
  await expect(moveToTrash(root, join(root, 'gone'))).rejects.toMatchObject({ code: 'ENOENT' })
})
