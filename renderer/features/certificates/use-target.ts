import { useStore } from 'zustand'
import type { CertificatesState } from '../../../shared/contract/certificates.ts'
import { useModel } from '../../app/model.ts'
import { tlsTarget, type TlsTarget } from './lines.ts'

/** Where a device reaches this bench over TLS, as things are now. */
export function useTarget({ server }: CertificatesState): TlsTarget {
  const { live } = useModel()
  return tlsTarget(
    useStore(live, (state) => state.bench),
    server.hosts,
  )
}
