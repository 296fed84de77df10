internal import Arguments
internal import DockerAPI
internal import DockerClient
internal import HTTPTransport
internal import OCI
internal import Terminal

// Commands that bring images in and out.
extension Root {
    static func pull() -> AnyCommand {
        AnyCommand(
            "pull", synonyms: ["image pull", "pull"], "Download an image from a registry", usage: "[OPTIONS] NAME[:TAG|@DIGEST]", arity: .exactly(1),
            flags: {
                [
                    .bool("all-platforms", "Download the image for every platform that its index has"),
                    .bool("all-tags", short: "a", "Download all tagged images in the repository"),
                    .value("platform", "Platform of the image"), .bool("quiet", short: "q", "Suppress verbose output"),
                    .bool("disable-content-trust", default: true, "Skip image verification (deprecated)").hidden(),
                ]
            },
            action: { session in
                let text = session.arguments[0]
                let reference: Reference
                do throws(ReferenceError) { reference = try Reference(text) } catch { throw Invalid("\(error)") }
                let isQuiet = session.flags.bool("quiet"), isAll = session.flags.bool("all-tags"), isWhole = session.flags.bool("all-platforms")
                if isWhole, session.flags.optional("platform") != nil { throw Invalid("conflicting options: cannot specify both --all-platforms and --platform") }
                let isPlain = reference.tag == nil && reference.digest == nil
                if isAll, !isPlain { throw Invalid("tag can't be used with --all-tags/-a") }
                if isPlain, !isAll, !isQuiet { session.print("Using default tag: latest") }
                let progress = Progress(quiet: isQuiet)
                let suffix = isAll ? nil : reference.digest.map { "\($0)" } ?? reference.tag ?? Reference.defaultTag
                try await session.client().pullImage(
                    reference.familiarName, tag: suffix, platform: isWhole ? nil : session.platform, allPlatforms: isWhole,
                    auth: try session.credentials(for: reference)
                ) { progress.show($0) }
                session.print("\(isAll ? reference : reference.withDefaultTag)")
                return 0
            })
    }

    static func push() -> AnyCommand {
        AnyCommand(
            "push", synonyms: ["image push", "push"], "Upload an image to a registry", usage: "[OPTIONS] NAME[:TAG]", arity: .exactly(1), subject: .images,
            flags: {
                [
                    .bool("all-tags", short: "a", "Push all tags of an image to the repository"),
                    .value("platform", "Push a platform-specific manifest as a single-platform image to the registry"),
                    .bool("quiet", short: "q", "Suppress verbose output"), .bool("disable-content-trust", default: true, "Skip image signing (deprecated)").hidden(),
                ]
            },
            action: { session in
                let reference: Reference
                do throws(ReferenceError) { reference = try Reference(session.arguments[0]) } catch { throw Invalid("\(error)") }
                let isQuiet = session.flags.bool("quiet"), isAll = session.flags.bool("all-tags")
                if isAll, reference.tag != nil { throw Invalid("tag can't be used with --all-tags/-a") }
                if reference.digest != nil { throw Invalid("cannot push a digest reference") }
                if !isAll, reference.tag == nil, !isQuiet { session.print("Using default tag: \(Reference.defaultTag)") }
                let progress = Progress(quiet: isQuiet)
                if session.flags.optional("platform") != nil { Note.print(Note.pushedPlatform) }
                try await session.client().pushImage(
                    reference.familiarName, tag: isAll ? nil : reference.tag ?? Reference.defaultTag, platform: session.flags.optional("platform"),
                    auth: try session.credentials(for: reference)
                ) { progress.show($0) }
                if isQuiet { session.print("\(isAll ? reference : reference.withDefaultTag)") }
                progress.printNotes()
                return 0
            })
    }

    static func load() -> AnyCommand {
        AnyCommand(
            "load", synonyms: ["image load", "load"], "Load an image from a tar archive or STDIN", usage: "[OPTIONS]", arity: .none,
            flags: {
                [
                    .value("input", short: "i", "Read from a tar archive file, instead of STDIN"), .list("platform", type: "stringSlice", "Load only these platforms"),
                    .bool("quiet", short: "q", "Suppress the load output"),
                ]
            },
            action: { session in
                let path = session.flags.string("input")
                if path.isEmpty, TerminalDevice.inputIsTerminal { throw Invalid("requested load from stdin, but stdin is empty") }
                let progress = Progress()
                try await session.client().loadImages(
                    try ArchiveOutput.source(path), quiet: session.flags.bool("quiet") || !TerminalDevice.outputIsTerminal,
                    platforms: try session.platforms()
                ) { progress.show($0) }
                return 0
            })
    }

    static func save() -> AnyCommand {
        AnyCommand(
            "save", synonyms: ["image save", "save"], "Save one or more images to a tar archive (streamed to STDOUT by default)",
            usage: "[OPTIONS] IMAGE [IMAGE...]", arity: .atLeast(1), subject: .images,
            flags: {
                [
                    .value("output", short: "o", "Write to a file, instead of STDOUT"), .list("platform", type: "stringSlice", "Save only these platforms"),
                ]
            },
            action: { session in
                let path = try ArchiveOutput.check(session.flags.string("output"), "save image")
                let response = try await session.client().saveImages(session.arguments, platforms: try session.platforms())
                try await ArchiveOutput.write(response, to: path)
                return 0
            })
    }

    static func importImage() -> AnyCommand {
        AnyCommand(
            "import", synonyms: ["image import", "import"], "Import the contents from a tarball to create a filesystem image",
            usage: "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]", arity: .atLeast(1), subject: .files,
            flags: {
                [
                    .list("change", short: "c", "Apply a Dockerfile instruction to the image"), .value("message", short: "m", "Commit message"),
                    .value("platform", "Platform of the image"),
                ]
            },
            action: { session in
                let flags = session.flags
                let source = session.arguments[0]
                let isURL = source.hasPrefix("http://") || source.hasPrefix("https://")
                let (repository, tag) = try ImageNames.split(session.arguments.count > 1 ? session.arguments[1] : "")
                let progress = Progress()
                try await session.client().importImage(
                    isURL ? .empty : try ArchiveOutput.source(source), from: isURL ? source : "-", repository: repository, tag: tag, message: flags.optional("message"),
                    changes: flags.list("change"), platform: flags.optional("platform")
                ) { progress.show($0) }
                return 0
            })
    }

    static func bootstrap() -> AnyCommand {
        AnyCommand(
            "bootstrap", "Make a base image from the distribution's own signed packages", usage: "[OPTIONS] NAME", arity: .exactly(1),
            flags: {
                [
                    .list("include", "More packages, with commas between them"),
                    .bool("quiet", short: "q", "Suppress verbose output"),
                ]
            },
            action: { session in
                let progress = Progress(quiet: session.flags.bool("quiet"))
                let packages = session.flags.list("include").flatMap { $0.split(separator: ",").map(String.init) }
                try await session.client().bootstrapImage(session.arguments[0], include: packages) { progress.show($0) }
                return 0
            })
    }
}
