/** Reading values of a device that cannot tell much at once. */
import { describe, expect, test } from 'vitest'
import type { Asked } from '../../../electron/engine/usp/controller.ts'
import { readValues } from '../../../electron/engine/usp/read-values.ts'
import type { RequestOutcome } from '../../../shared/contract/usp.ts'
import { makeMsg, type Msg } from '../../../shared/usp/codec.ts'
import { supportedObject } from '../../shared/usp/dm/sample.ts'

const rows = 9
const objects = [
  supportedObject('Device.', {
    parameters: [{ name: 'Version', access: 'read-only', type: 'string', valueChange: 'allowed' }],
  }),
  supportedObject('Device.A.'),
  supportedObject('Device.A.Table.{i}.'),
  supportedObject('Device.B.'),
]
const values = [
  'Device.Version',
  'Device.A.Own',
  ...Array.from({ length: rows }, (_, at) => `Device.A.Table.${at + 1}.Name`),
  'Device.B.Own',
]

interface Request {
  readonly get?: { readonly param_paths: readonly string[]; readonly max_depth: number }
  readonly get_instances?: { readonly obj_paths: readonly string[] }
}

const asked = (outcome: RequestOutcome, msg?: Msg): Asked => ({
  report: {
    outcome,
    text: outcome,
    endpointId: 'os::1',
    kind: 'Get',
    msgId: '1',
    topic: '',
    request: {},
    failures: [],
    sentAt: 0,
    ...(outcome === 'error' && { error: { path: '', code: 7005, name: 'Resources exceeded', text: '' } }),
  },
  ...(msg && { msg }),
})

/** A device that tells at most so many values in an answer, and never those of `broken`. */
function device(most: number, broken = '-') {
  const requests: (readonly string[])[] = []
  const respond = (name: string, value: unknown): Asked =>
    asked(
      'answered',
      makeMsg({
        body: { msgBody: { case: 'response', value: { respType: { case: name, value } } } },
      } as never),
    )
  const send = (message: unknown): Promise<Asked> => {
    const { get, get_instances: instances } = message as Request
    if (instances) {
      const currInsts = Array.from({ length: rows }, (_, at) => ({
        instantiatedObjPath: `Device.A.Table.${at + 1}.`,
      }))
      return Promise.resolve(respond('getInstancesResp', { reqPathResults: [{ currInsts }] }))
    }
    const { param_paths: paths = [], max_depth: depth = 0 } = get ?? {}
    requests.push(paths)
    const found = values.filter((value) =>
      paths.some(
        (path) => value.startsWith(path) && (depth === 0 || !value.slice(path.length).includes('.')),
      ),
    )
    if (found.length > most || paths.includes(broken)) return Promise.resolve(asked('error'))
    const resolvedPathResults = found.map((value) => {
      const cut = value.lastIndexOf('.') + 1
      return { resolvedPath: value.slice(0, cut), resultParams: { [value.slice(cut)]: 'x' } }
    })
    return Promise.resolve(respond('getResp', { reqPathResults: [{ resolvedPathResults }] }))
  }
  return { send, requests }
}

const read = (send: (message: unknown) => Promise<Asked>, onProgress?: (progress: number) => void) =>
  readValues({ objects, paths: ['Device.'], maxDepth: 0, send, onProgress })

describe('values of a device', () => {
  test.each([100, 5, 1])('that tells %i values at most at once all come', async (most) => {
    const progress: number[] = []
    const found = await read(device(most).send, (part) => progress.push(part))
    expect(found.values.map(([path]) => path)).toEqual([...values].sort(byNumber))
    expect(found.failures).toEqual([])
    expect(progress.at(-1)).toBe(1)
  })

  test('are asked for object by object, not one by one', async () => {
    const { send, requests } = device(100)
    await read(send)
    expect(requests).toEqual([['Device.'], ['Device.A.'], ['Device.B.']])
  })

  test('without a part that it cannot tell are the others, and the failure', async () => {
    const { values: found, failures } = await read(device(1, 'Device.A.Table.3.').send)
    expect(found).toHaveLength(values.length - 1)
    expect(failures).toEqual([
      { path: 'Device.A.Table.3.', code: 7005, name: 'Resources exceeded', text: '' },
    ])
  })

  test('that left are not asked for any more', async () => {
    await expect(read(() => Promise.resolve(asked('offline')))).rejects.toThrow('offline')
  })
})

const byNumber = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })
