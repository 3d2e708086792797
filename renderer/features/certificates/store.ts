/** Which device certificate the cursor is on, its files, and the one that is about to be made. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Response } from '../../../shared/contract/contract.ts'
import type { Host } from '../../../shared/contract/host.ts'
import type { DeviceRow } from '../../../shared/contract/model.ts'
import { ok, type Result } from '../../../shared/contract/result.ts'
import type { LiveStore } from '../../app/live.ts'

export type CertificateFiles = Response<'certificates.bundle'>

/** A certificate to be made, as typed. */
export interface CertificateDraft {
  readonly endpointId: string
  readonly username: string
}

export interface CertificatesViewState {
  readonly filter: string
  /** Serial number. */
  readonly selected: string | undefined
  /** Of the selected one; undefined while asked for, and where there are none to have. */
  readonly files: Result<CertificateFiles> | undefined
  readonly draft: CertificateDraft
  /** Devices whose endpoint ID, user or address has what is typed, the latest seen first. */
  readonly offered: readonly DeviceRow[]
}

export interface CertificatesModel extends StoreApi<CertificatesViewState> {
  readonly setFilter: (filter: string) => void
  readonly select: (serial: string | undefined) => void
  readonly setDraft: (change: Partial<CertificateDraft>) => void
  /** Makes the certificate that is typed and puts the cursor on it. */
  readonly issue: () => Promise<Result<void>>
  /** Makes a new one for the same device and puts the cursor on it. */
  readonly renew: (serial: string) => Promise<Result<void>>
  /** Offers known devices until the function that it answers is called. */
  readonly offer: () => () => void
  readonly close: () => void
}

/** Devices offered at a time; typing narrows them. */
const OFFERED = 50
const noDraft: CertificateDraft = { endpointId: '', username: '' }

export function createCertificates(host: Host, live: LiveStore): CertificatesModel {
  const store = createStore<CertificatesViewState>(() => ({
    filter: '',
    selected: undefined,
    files: undefined,
    draft: noDraft,
    offered: [],
  }))
  const certificate = (serial: string) =>
    live.getState().certificates?.devices.find((info) => info.serial === serial)

  async function readFiles(serial: string): Promise<void> {
    // Nobody needs the file of a certificate that opens nothing any more.
    if (certificate(serial)?.revokedAt !== undefined) return store.setState({ files: undefined })
    const files = await host.call('certificates.bundle', { serial })
    if (store.getState().selected === serial && certificate(serial)?.revokedAt === undefined)
      store.setState({ files })
  }
  function select(serial: string | undefined): void {
    if (serial === store.getState().selected) return
    store.setState({ selected: serial, files: undefined })
    if (serial !== undefined) void readFiles(serial)
  }
  const end = live.subscribe((state, old) => {
    const { selected } = store.getState()
    if (selected === undefined || state.certificates === old.certificates) return
    const was = old.certificates?.devices.some(({ serial }) => serial === selected)
    if (was && !certificate(selected)) select(undefined)
    // A newer one may have taken its file.
    else void readFiles(selected)
  })

  let closeOffer: (() => void) | undefined
  function offer(): () => void {
    closeOffer?.()
    const { endpointId } = store.getState().draft
    const view = host.open(
      'devices',
      { text: endpointId.trim(), sort: 'lastSeenAt', descending: true },
      { from: 0, count: OFFERED, tail: false },
      (update) => {
        if (update.ok) store.setState({ offered: update.value.rows.filter(({ role }) => role === 'agent') })
      },
    )
    const close = () => {
      view.close()
      if (closeOffer === close) closeOffer = undefined
    }
    closeOffer = close
    return () => closeOffer?.()
  }

  return Object.assign(store, {
    setFilter: (filter: string) => store.setState({ filter }),
    select,
    setDraft(change: Partial<CertificateDraft>) {
      const { draft } = store.getState()
      store.setState({ draft: { ...draft, ...change } })
      const narrowed = change.endpointId !== undefined && change.endpointId.trim() !== draft.endpointId.trim()
      if (closeOffer && narrowed) offer()
    },
    async issue(): Promise<Result<void>> {
      const { draft } = store.getState()
      const username = draft.username.trim()
      const answer = await host.call('certificates.issue', {
        endpointId: draft.endpointId.trim(),
        ...(username && { username }),
      })
      if (!answer.ok) return answer
      store.setState({ draft: noDraft, filter: '' })
      select(answer.value.serial)
      return ok(undefined)
    },
    async renew(serial: string): Promise<Result<void>> {
      const answer = await host.call('certificates.renew', { serial })
      if (!answer.ok) return answer
      select(answer.value.serial)
      return ok(undefined)
    },
    offer,
    close() {
      end()
      closeOffer?.()
    },
  })
}
