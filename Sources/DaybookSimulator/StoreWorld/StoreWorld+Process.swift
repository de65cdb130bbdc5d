import DaybookCore
import DaybookDecisions
import DaybookEngine
import DaybookGateways
import DaybookProjections

/// One process, from its start to its end.
extension StoreWorld {
    func live(_ configuration: DaybookConfiguration) async {
        do throws(DaybookError) {
            if !isCreated { try create(configuration) }
            phase = .opening
            let daybook = try await Daybook.open(configuration)
            self.daybook = daybook
            if !isDead {
                isCreated = true
                await judgeOpened(daybook)
                phase = .serving
                await serve(daybook)
                if isHealed { await bringToAnEnd(daybook) }
                phase = .closing
            }
            try await daybook.close()
            if !isDead { noteCleanEnd(daybook) }
        } catch {
            judgeFailure(error)
        }
    }

    private func create(_ configuration: DaybookConfiguration) throws(DaybookError) {
        do throws(DaybookError) {
            try Daybook.create(configuration)
            if !isDead { isCreated = true }
        } catch {
            // An earlier process came so far that there is a store; a power cut may still take it, for
            // nobody was told that it stands before it was opened.
            guard error.kind == .storeExists else { throw error }
        }
    }

    /// A process may fail when its disk fails; otherwise every store opens and closes.
    private func judgeFailure(_ error: DaybookError) {
        guard !isDead else { return }
        let isExcused =
            isBroken || plan.diskFaultRarity > 0 && !isHealed
            || plan.isSmallDisk && (error.kind == .noSpace || error.kind == .outcomeUnknown)
        if error.kind == .noSpace { note(.diskFull) }
        guard isExcused, error.kind != .damaged || isBroken else {
            fail(.opens, "in life \(life), while \(phase): \(error)")
            return
        }
    }

    private func noteCleanEnd(_ daybook: Daybook) {
        note(.cleanRestart)
        cleanHead = daybook.head
        guard backup == nil, chance.happens(1, in: 4) else { return }
        backup = (disk.killed(), daybook.head)
    }

    /// The read models know more than this log: nothing but a refusal is right.
    func openOldBackup(_ configuration: DaybookConfiguration) async {
        do throws(DaybookError) {
            let daybook = try await Daybook.open(configuration)
            try await daybook.close()
            fail(.damageIsTold, "a log that is older than its read models was opened")
        } catch {
            if error.kind == .damaged {
                note(.oldBackupRefused)
            } else {
                fail(.damageIsTold, "a log that is older than its read models: \(error)")
            }
        }
    }

    // MARK: Serving

    private func serve(_ daybook: Daybook) async {
        await setUp(daybook)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<plan.clientCount {
                group.addTask(executorPreference: loop) { [self] in
                    while !isDead, !isBroken, requestsLeft > 0 {
                        requestsLeft -= 1
                        await act(as: number, on: daybook)
                    }
                }
            }
            await group.waitForAll()
        }
    }

    // MARK: The end of all things

    /// With everything healed, all pending work must end.
    private func bringToAnEnd(_ daybook: Daybook) async {
        bank.isDown = false
        post.isClosed = false
        var left = ""
        for _ in 0..<StoreWorld.patience {
            now = now.advanced(bySeconds: 4_000)
            do {
                try await daybook.reconcilePayments()
                try await daybook.runTimers()
                try await daybook.runReactors()
                try await daybook.waitForProjections()
            } catch {
                guard !isDead else { return }
                fail(.worksEnd, "in a healed world: \(error)")
                return
            }
            let work = await daybook.workToDo()
            let messages = bank.books.messages()
            if work.isEmpty, messages.isEmpty {
                await judgeEnd(daybook)
                return
            }
            left = "\(work); \(messages.count) messages"
        }
        fail(.worksEnd, "after \(StoreWorld.patience) rounds there is left: \(left)")
    }

    private static let patience = 12
}

// MARK: - Between two processes

extension StoreWorld {
    /// Takes away or damages what is disposable; the log must be enough.
    func loseThings() throws {
        guard isCreated, !isHealed, plan.loss > 0, backup == nil || cleanHead == nil else {
            return
        }
        if chance.happens(1, in: 4) {
            let bit = chance.below(1 << 20)
            // One time in four both: then there is nothing but the log.
            for name in SnapshotNames.all.prefix(bit.isMultiple(of: 4) ? 2 : 1) {
                snapshots.damage(name) { bytes in
                    guard !bytes.isEmpty else { return }
                    bytes[bit / 8 % bytes.count] ^= 1 << UInt8(bit % 8)
                    note(.snapshotDamaged)
                    hasDamagedSnapshot = true
                }
            }
            if bit.isMultiple(of: 3) { damageKeyRuns(bit) }
        }
        for name in ReadModelName.allCases where chance.happens(1, in: 6) && folder.has(name) {
            switch chance.below(3) {
            case 0:
                folder.lose(name)
                note(.readModelLost)
            case 1:
                let bit = chance.below(1 << 20)
                try folder.damage(name) { bytes in
                    guard !bytes.isEmpty else { return }
                    // Any byte of the first page, whose header SQLite cannot do without.
                    bytes[bit / 8 % min(bytes.count, 100)] ^= 1 << UInt8(bit % 8)
                }
            default: try exchange(name)
            }
        }
    }

    /// Flips a bit of every run of idempotency keys: a start or a question finds it, or the next merge.
    private func damageKeyRuns(_ bit: Int) {
        for name in snapshots.names where SnapshotNames.isKeyRun(name) {
            snapshots.damage(name) { bytes in
                guard !bytes.isEmpty else { return }
                bytes[bit / 8 % bytes.count] ^= 1 << UInt8(bit % 8)
                note(.keyRunDamaged)
            }
        }
    }

    /// Puts an empty model of another log in the place of one.
    private func exchange(_ name: ReadModelName) throws {
        folder.lose(name)
        let other = LogID(rawValue: UInt128(chance.below(1 << 16)) + 1)
        try ReadModelFile.create(name, at: folder.path(of: name), logID: other).close()
    }
}
