/// What is left when the power goes, or the process.
extension SimulatedDisk {
    package static let sectorByteCount = 512

    /// The disk as the next process finds it: nothing lost, nothing more durable than before, the lock
    /// given back by the kernel.
    package func killed() -> SimulatedDisk {
        let after = SimulatedDisk()
        after.capacity = capacity
        var copies: [ObjectIdentifier: Inode] = [:]
        func copy(_ inode: Inode) -> Inode {
            if let known = copies[ObjectIdentifier(inode)] { return known }
            let copy = inode.copy()
            copies[ObjectIdentifier(inode)] = copy
            return copy
        }
        after.directory = directory
        after.directory.visible = directory.visible.mapValues(copy)
        after.directory.durable = directory.durable.mapValues(copy)
        after.directory.pending = directory.pending.map { entry in
            let change: SimulatedDirectory.Change =
                switch entry.change {
                case .link(let name, let inode): .link(name, copy(inode))
                case .rename(let old, let new, let inode): .rename(old, new, copy(inode))
                case .unlink, .makeFolder: entry.change
                }
            return (entry.sequence, change)
        }
        return after
    }

    /// The disk as the next process finds it when this one was killed while the sync of a file failed:
    /// memory shows all that was written, and nothing will ever write it.
    package func killed(losingPagesOf file: String) -> SimulatedDisk {
        let after = killed()
        after.directory.visible[file]?.pending = []
        return after
    }

    /// The disk after a power cut, by a model of what survives.
    package func crashed(_ model: CrashModel, chance: Chance) -> SimulatedDisk {
        let after = SimulatedDisk()
        after.capacity = capacity
        var survival = Survival(model: model, chance: chance, limit: .max)
        if model == .prefix || model == .ordered { survival.limit = moment(chance) }
        var names = directory.durable
        var folders = directory.durableFolders
        for (sequence, change) in directory.pending where survival.keepsName(sequence) {
            SimulatedDirectory.apply(change, names: &names, folders: &folders)
        }
        after.directory.visibleFolders = folders
        after.directory.durableFolders = folders
        for name in names.keys.sorted() {
            if let folder = SimulatedDirectory.folder(of: name), !folders.contains(folder) {
                continue
            }
            guard let inode = names[name] else { continue }
            let settled = Inode(survival.bytes(of: inode))
            settled.isReadOnly = inode.isReadOnly
            after.directory.visible[name] = settled
            after.directory.durable[name] = settled
        }
        return after
    }

    /// A moment between the oldest change that may be lost and now.
    private func moment(_ chance: Chance) -> Int {
        var sequences = directory.pending.map(\.sequence)
        for name in directory.sortedNames {
            sequences += directory.visible[name]?.pending.map(\.sequence) ?? []
        }
        guard let first = sequences.min(), let last = sequences.max() else { return 0 }
        return first - 1 + chance.below(last - first + 2)
    }
}

/// Decides what survives.
private struct Survival {
    let model: CrashModel
    let chance: Chance
    /// Changes up to here survive, in models that know a moment.
    var limit: Int

    func keepsName(_ sequence: Int) -> Bool {
        switch model {
        case .nothing: false
        case .everything, .namesBeforeData: true
        case .prefix, .ordered: sequence <= limit
        case .anySubset, .anySubsetTorn: chance.happens(1, in: 2)
        }
    }

    private func keepsLength(_ sequence: Int) -> Bool { keepsName(sequence) }

    func bytes(of inode: Inode) -> [UInt8] {
        var bytes = inode.durable
        guard !inode.pending.isEmpty else { return bytes }
        // In ordered mode, data that a surviving length made room for is written before it.
        var roomFrom = Int.max
        for (sequence, change) in inode.pending {
            switch change {
            case .extend(let count), .truncate(let count):
                guard keepsLength(sequence) else { continue }
                if model == .ordered, count > bytes.count { roomFrom = min(roomFrom, bytes.count) }
                Inode.apply(change, to: &bytes)
            case .write(let offset, let written):
                write(written, at: offset, sequence, roomFrom: roomFrom, to: &bytes)
            }
        }
        return bytes
    }

    private func write(
        _ written: [UInt8], at offset: Int, _ sequence: Int, roomFrom: Int,
        to bytes: inout [UInt8]
    ) {
        switch model {
        case .nothing, .namesBeforeData: return
        case .everything: Inode.put(written[...], at: offset, in: &bytes)
        case .prefix:
            if sequence <= limit { Inode.put(written[...], at: offset, in: &bytes) }
        case .ordered:
            if sequence <= limit, offset >= roomFrom {
                Inode.put(written[...], at: offset, in: &bytes)
            } else {
                sectors(of: written, at: offset, tears: false, to: &bytes)
            }
        case .anySubset: sectors(of: written, at: offset, tears: false, to: &bytes)
        case .anySubsetTorn: sectors(of: written, at: offset, tears: true, to: &bytes)
        }
    }

    /// Any of the sectors that the write touches.
    private func sectors(
        of written: [UInt8], at offset: Int, tears: Bool, to bytes: inout [UInt8]
    ) {
        // None, all, or any: all three matter, and the first two are cheap to say.
        switch chance.below(4) {
        case 0: return
        case 1: return Inode.put(written[...], at: offset, in: &bytes)
        default: break
        }
        let size = SimulatedDisk.sectorByteCount
        var start = 0
        var mask = 0
        var bitsLeft = 0
        while start < written.count {
            let end = min(written.count, ((offset + start) / size + 1) * size - offset)
            if bitsLeft == 0 {
                mask = chance.below(1 << 16)
                bitsLeft = 16
            }
            if mask & 1 == 1 {
                var kept = end
                if tears, chance.happens(1, in: 8) { kept = start + chance.below(end - start) }
                Inode.put(written[start..<kept], at: offset + start, in: &bytes)
            }
            mask >>= 1
            bitsLeft -= 1
            start = end
        }
    }
}
