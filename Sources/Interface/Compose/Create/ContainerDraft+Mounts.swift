internal import ComposeFile
internal import DockerAPI

extension ContainerDraft {
    /// What is mounted: in the short form of `binds` where that says it all, which also makes missing directories, else as mounts.
    func mounts() throws -> (binds: [String], mounts: [Mount]) {
        var binds: [String] = [], mounts: [Mount] = []
        var taken: Set<String> = []
        for volume in service.volumes {
            var mount = mount(volume)
            taken.insert(volume.target)
            if volume.type == "volume", volume.source.isEmpty, let before = inherited(volume.target) {
                mount = before
            } else if let bind = short(volume, mount.source) {
                binds.append(bind)
                continue
            }
            mounts.append(mount)
        }
        // What the image declares and nothing of the service stands in for is taken over as well.
        for target in imageVolumes.sorted() where !taken.contains(target) {
            if let before = inherited(target) {
                taken.insert(target)
                mounts.append(before)
            }
        }
        for file in try files() where !taken.contains(file.target) { mounts.append(file) }
        return (binds, mounts)
    }

    private func inherited(_ target: String) -> Mount? {
        guard let point = predecessor?.mounts.first(where: { $0.destination == target && $0.type != "tmpfs" }) else { return nil }
        return Mount(type: point.type, source: point.type == "volume" ? point.name : point.source, target: target, readOnly: !point.rw)
    }

    private func short(_ volume: ComposeVolumeMount, _ source: String) -> String? {
        switch volume.type {
        case "bind":
            if let bind = volume.bind, bind.createHostPath == false || !bind.propagation.isEmpty || !bind.recursive.isEmpty { return nil }
        case "volume":
            if source.isEmpty { return nil }
            if let options = volume.volume, !options.labels.isEmpty || !options.subpath.isEmpty || options.nocopy { return nil }
        default: return nil
        }
        let selinux = volume.bind.map { $0.selinux.isEmpty ? "" : ",\($0.selinux)" } ?? ""
        return "\(source):\(volume.target):\(volume.readOnly ? "ro" : "rw")\(selinux)"
    }

    private func mount(_ volume: ComposeVolumeMount) -> Mount {
        let source = volume.type == "volume" ? project.volumes[volume.source]?.name ?? volume.source : volume.source
        var mount = Mount(type: volume.type, source: source, target: volume.target, readOnly: volume.readOnly, consistency: volume.consistency)
        switch volume.type {
        case "bind":
            mount.bindOptions = volume.bind.map {
                BindOptions(
                    propagation: $0.propagation, nonRecursive: $0.recursive == "disabled", createMountpoint: $0.createHostPath ?? true,
                    readOnlyNonRecursive: $0.recursive == "writable", readOnlyForceRecursive: $0.recursive == "readonly")
            }
        case "volume":
            mount.volumeOptions = volume.volume.map {
                VolumeOptions(noCopy: $0.nocopy, labels: $0.labels.isEmpty ? nil : $0.labels, subpath: $0.subpath)
            }
        case "tmpfs": mount.tmpfsOptions = volume.tmpfs.map { TmpfsOptions(sizeBytes: bytes($0.size), mode: $0.mode) }
        case "image": mount.imageOptions = volume.image.map { ImageOptions(subpath: $0.subpath) }
        default: break
        }
        return mount
    }

    /// Secrets and configs that are files of the host.
    private func files() throws -> [Mount] {
        var mounts: [Mount] = []
        for (kind, references) in [(FileKind.config, service.configs), (.secret, service.secrets)] {
            for reference in references {
                let file = (kind == .secret ? project.secrets : project.configs)[reference.source] ?? ComposeFileObject()
                if file.isExternal { throw ComposeFileError("unsupported external \(kind) \(file.name)") }
                if !file.driver.isEmpty { throw ComposeFileError("Docker Compose does not support \(kind)s.*.driver") }
                if !file.templateDriver.isEmpty { throw ComposeFileError("Docker Compose does not support \(kind)s.*.template_driver") }
                guard !file.file.isEmpty, !FileKind.isCopied(reference, file, of: service) else { continue }
                mounts.append(Mount(type: "bind", source: file.file, target: kind.target(reference), readOnly: true))
            }
        }
        return mounts
    }
}

/// The two kinds of files that services get.
enum FileKind: String, Sendable, CustomStringConvertible {
    case secret, config

    var description: String { rawValue }

    /// Whether the container gets a copy: of what is no file of the host's, or shall have an owner and permissions of its own, which a mount
    /// cannot give it. Nothing is copied where the root cannot be written.
    static func isCopied(_ reference: ComposeFileReference, _ file: ComposeFileObject, of service: ComposeService) -> Bool {
        if !file.content.isEmpty || !file.environment.isEmpty { return true }
        return !service.readOnly && !(reference.uid.isEmpty && reference.gid.isEmpty && reference.mode.isEmpty)
    }

    /// Where it is in the container.
    func target(_ reference: ComposeFileReference) -> String {
        let name = reference.target.isEmpty ? reference.source : reference.target
        if name.hasPrefix("/") { return name }
        return (self == .secret ? "/run/secrets/" : "/") + name
    }
}
