/** Listening on a port, or the next free one, and why that does not go. */
import type { AddressInfo, Server } from 'node:net'
import { BenchFailure } from '../../shared/contract/result.ts'

/** Listens on the first free port from `first` to `first + tries`; answers it. */
export async function listen(server: Server, host: string, first: number, tries: number): Promise<number> {
  for (let port = first; ; port++) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host === '*' ? undefined : host, () => {
          server.off('error', reject)
          resolve()
        })
      })
      return (server.address() as AddressInfo).port
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EADDRINUSE' && port < Math.min(first + tries, 65_535)) continue
      throw new BenchFailure('unavailable', cannotListen(host, port, code))
    }
  }
}

function cannotListen(host: string, port: number, code: string | undefined): string {
  const remedy = 'Choose another with --port N.'
  if (code === 'EADDRINUSE') return `Port ${port} on ${host} is taken by another program. ${remedy}`
  if (code === 'EACCES') return `Port ${port} needs administrator rights. ${remedy}`
  if (code === 'EADDRNOTAVAIL') return `This machine does not have the address ${host}. Use --host 127.0.0.1.`
  return `Port ${port} on ${host} cannot be used (${code ?? 'unknown error'}). ${remedy}`
}
