// swift-tools-version: 6.2
import PackageDescription

// The module map. A module imports only lower floors and earlier modules of its own floor;
// Tests/TidyTests reads every import and holds it to the `dependencies` written here.

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
    // Swift's own Glibc module, CLinux and the shims must all see the same headers: the compiler refuses a program in which one
    // of them has a type that another defines differently.
    .unsafeFlags(["-Xcc", "-D_GNU_SOURCE"]),
    // So that the linker can drop and order functions one by one; and so that generic types are put together by calls with what the compiler knows, not
    // from their names in text when the program runs, which looks through all conformances.
    .unsafeFlags(["-Xfrontend", "-function-sections", "-Xfrontend", "-disable-concrete-type-metadata-mangled-name-accessors"], .when(configuration: .release)),
]

/// A Swift module of a floor. `wrapsUnsafe` modules talk to C directly; all others are held to strict memory safety.
func module(_ name: String, floor: String, _ dependencies: [String] = [], wrapsUnsafe: Bool = false) -> Target {
    .target(
        name: name,
        dependencies: dependencies.map { .byName(name: $0) },
        path: "Sources/\(floor)/\(name)",
        swiftSettings: swiftSettings + (wrapsUnsafe ? [] : [.strictMemorySafety()]))
}

/// A module map for a static C library of Debian.
func shim(_ name: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Shims/\(name)")
}

func tests(_ name: String, _ dependencies: [String]) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies.map { .byName(name: $0) },
        path: "Tests/\(name)",
        swiftSettings: swiftSettings)
}

/// One file that needs nothing of the machine it runs on.
let staticLink: [LinkerSetting] = [
    .unsafeFlags(["-static-executable", "-use-ld=lld"]),
    // What common commands call stands together, in fewer pages; `make order` finds it out.
    .unsafeFlags(
        ["-Xlinker", "--symbol-ordering-file=\(Context.packageDirectory)/Sources/davit/functions.order", "-Xlinker", "--no-warn-symbol-ordering"],
        .when(configuration: .release)),
    .linkedLibrary("swiftSynchronization"),
]

let package = Package(
    name: "davit",
    products: [.executable(name: "davit", targets: ["davit"])],
    targets: [
        // Shims
        .target(name: "CLinux", path: "Sources/Shims/CLinux", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        shim("CCrypt"), shim("CCrypto"), shim("CDeflate"), shim("CLzma"), shim("CNGHTTP2"), shim("CSeccomp"), shim("CSQLite"), shim("CSSL"), shim("CYAML"),
        shim("CZlib"), shim("CZstd"),

        // System
        module("Values", floor: "System"),
        module("Diagnostics", floor: "System"),
        module("Linux", floor: "System", ["CLinux", "Values"], wrapsUnsafe: true),
        module("Netlink", floor: "System", ["CLinux", "Linux", "Values"], wrapsUnsafe: true),
        module("AsyncIO", floor: "System", ["CLinux", "Linux", "Values"], wrapsUnsafe: true),

        // Formats
        module("JSON", floor: "Formats", ["Values"]),
        module("OCI", floor: "Formats", ["JSON", "Values"]),
        module("Archive", floor: "Formats", ["CCrypto", "CDeflate", "CLzma", "CZlib", "CZstd", "OCI", "Values"], wrapsUnsafe: true),
        module("Templates", floor: "Formats", ["JSON"]),
        module("Patterns", floor: "Formats"),
        module("DockerAPI", floor: "Formats", ["JSON", "Values"]),
        module("YAML", floor: "Formats", ["CYAML", "JSON"], wrapsUnsafe: true),
        module("DNS", floor: "Formats", ["Values"]),
        module("Dockerfile", floor: "Formats", ["JSON", "OCI", "Patterns", "Values"]),
        module("Protobuf", floor: "Formats"),

        // Transport
        module("HTTP", floor: "Transport", ["Values"]),
        module("TLS", floor: "Transport", ["CSSL", "Linux", "Values"], wrapsUnsafe: true),
        module("HostNames", floor: "Transport", ["AsyncIO", "DNS", "Linux", "Values"]),
        module("HTTPTransport", floor: "Transport", ["AsyncIO", "HTTP", "HostNames", "JSON", "Linux", "TLS", "Values"]),

        module("HTTP2", floor: "Transport", ["AsyncIO", "CNGHTTP2", "Linux"], wrapsUnsafe: true),
        module("RPC", floor: "Transport", ["AsyncIO", "HTTP2", "Protobuf", "Values"]),

        // Storage
        module("Database", floor: "Storage", ["CSQLite", "Diagnostics", "Linux"], wrapsUnsafe: true),
        module("Content", floor: "Storage", ["Archive", "Diagnostics", "Linux", "OCI", "Values"]),
        module("Layers", floor: "Storage", ["Archive", "Linux", "OCI", "Values"]),
        module("Snapshots", floor: "Storage", ["Values"]),
        module("Settings", floor: "Storage", ["Diagnostics", "JSON", "Linux"]),
        module(
            "Authentication", floor: "Storage", ["Archive", "CCrypt", "CCrypto", "Diagnostics", "JSON", "Linux", "OCI", "Values"], wrapsUnsafe: true),
        module(
            "RegistryClient", floor: "Storage",
            ["Archive", "AsyncIO", "Diagnostics", "HTTP", "HTTPTransport", "JSON", "Linux", "OCI", "Settings", "TLS", "Values"]),
        module(
            "RegistryServer", floor: "Storage",
            [
                "Archive", "AsyncIO", "Authentication", "Content", "Diagnostics", "HTTP", "HTTPTransport", "HostNames", "JSON", "Linux", "OCI", "Patterns", "RegistryClient",
                "TLS", "Values", "YAML",
            ]),

        // Execution
        module("Cgroups", floor: "Execution", ["Linux", "OCI"]),
        module("NetworkPlumbing", floor: "Execution", ["Archive", "JSON", "Linux", "Netlink", "OCI", "Values"]),
        module("Seccomp", floor: "Execution", ["CSeccomp", "Linux", "OCI", "Values"], wrapsUnsafe: true),
        module("ContainerRuntime", floor: "Execution", ["Cgroups", "JSON", "Linux", "Netlink", "OCI"], wrapsUnsafe: true),
        module("LogFiles", floor: "Execution", ["Linux", "Values"]),
        module("Events", floor: "Execution", ["DockerAPI", "JSON", "Linux", "Values"]),
        module(
            "Supervisor", floor: "Execution",
            [
                "Cgroups", "ContainerRuntime", "DNS", "DockerAPI", "Events", "JSON", "Linux", "LogFiles", "Netlink", "NetworkPlumbing", "OCI",
                "Values",
            ]),

        // Services
        module("Volumes", floor: "Services", ["Database", "Diagnostics", "DockerAPI", "Events", "JSON", "Linux", "Values"]),
        module("Networks", floor: "Services", ["Database", "Diagnostics", "DockerAPI", "Events", "JSON", "Linux", "NetworkPlumbing", "Settings", "Values"]),
        module(
            "Images", floor: "Services",
            [
                "Archive", "AsyncIO", "Content", "Database", "Diagnostics", "DockerAPI", "Dockerfile", "Events", "HTTP", "HTTPTransport", "JSON", "Layers", "Linux",
                "OCI", "RegistryClient", "Values",
            ]),
        module(
            "Containers", floor: "Services",
            [
                "Cgroups", "ContainerRuntime", "Content", "Database", "Diagnostics", "DockerAPI", "Events", "Images", "JSON", "Layers", "Linux", "LogFiles",
                "NetworkPlumbing", "Networks", "OCI", "Patterns", "Seccomp", "Settings", "Supervisor", "Templates", "Values", "Volumes",
            ]),
        module(
            "Builder", floor: "Services",
            [
                "Archive", "AsyncIO", "Containers", "Content", "Diagnostics", "DockerAPI", "Dockerfile", "HTTPTransport", "Images", "JSON", "Layers", "Linux",
                "OCI", "RegistryClient", "Values",
            ]),
        module(
            "Membership", floor: "Services",
            ["AsyncIO", "HTTP", "HTTPTransport", "HostNames", "JSON", "Linux", "NetworkPlumbing", "Networks", "Supervisor", "TLS", "Values"]),
        module(
            "Engine", floor: "Services",
            [
                "Builder", "Containers", "Database", "Diagnostics", "DockerAPI", "Events", "Images", "JSON", "Linux", "Networks", "OCI", "RegistryClient", "Settings", "Values",
                "Volumes",
            ]),

        // Interface
        module(
            "BuildKitAPI", floor: "Interface",
            [
                "Archive", "AsyncIO", "Builder", "Content", "Diagnostics", "DockerAPI", "Engine", "HTTP", "HTTP2", "HTTPTransport", "Images", "JSON", "Linux", "OCI", "Protobuf",
                "RPC", "RegistryClient", "Values",
            ]),
        module(
            "APIServer", floor: "Interface",
            [
                "AsyncIO", "BuildKitAPI", "Builder", "Containers", "Diagnostics", "DockerAPI", "Engine", "Events", "HTTP", "HTTPTransport", "HostNames", "Images", "JSON", "Linux", "LogFiles", "Networks", "OCI", "RegistryClient",
                "Values", "Volumes",
            ]),
        module("DockerClient", floor: "Interface", ["AsyncIO", "DockerAPI", "HTTP", "HTTPTransport", "JSON", "Linux", "TLS", "Values"]),
        module("Arguments", floor: "Interface", ["Patterns"]),
        module("ComposeFile", floor: "Interface", ["Arguments", "JSON", "Values", "YAML"]),
        module("Terminal", floor: "Interface", ["Linux", "Values"]),
        module(
            "Compose", floor: "Interface",
            ["Archive", "Arguments", "AsyncIO", "ComposeFile", "DockerAPI", "DockerClient", "HTTPTransport", "JSON", "Linux", "OCI", "Values"]),
        module(
            "RuntimeCLI", floor: "Interface",
            ["Arguments", "Cgroups", "ContainerRuntime", "JSON", "Linux", "OCI", "Seccomp", "Values"]),
        module(
            "CLI", floor: "Interface",
            [
                "Archive", "Arguments", "AsyncIO", "Compose", "ComposeFile", "Content", "Diagnostics", "DockerAPI", "DockerClient", "Dockerfile", "HTTP", "HTTPTransport", "JSON", "Layers", "Linux", "OCI",
                "RegistryClient", "Settings", "TLS",
                "Templates", "Terminal", "Values", "YAML",
            ]),

        // The program
        .executableTarget(
            name: "davit",
            dependencies: ["APIServer", "CLI", "ContainerRuntime", "Containers", "Database", "DockerAPI", "Engine", "HTTPTransport", "Linux", "Membership", "Networks", "RegistryServer", "RuntimeCLI", "Settings", "Supervisor", "Values"],
            path: "Sources/davit",
            exclude: ["functions.order"],
            swiftSettings: swiftSettings,
            linkerSettings: staticLink),

        // Tests
        tests("ArchiveTests", ["Archive", "Linux", "OCI", "Values"]),
        tests("AsyncIOTests", ["AsyncIO", "Linux"]),
        tests("APIServerTests", ["APIServer", "Diagnostics", "DockerAPI", "DockerClient", "Engine", "HTTP", "HTTPTransport", "Linux", "Values"]),
        tests("DockerClientTests", ["AsyncIO", "DockerAPI", "DockerClient", "HTTP", "HTTPTransport", "Linux"]),
        tests("HostNamesTests", ["AsyncIO", "DNS", "HostNames", "Linux", "Values"]),
        tests("HTTPTests", ["HTTP", "Values"]),
        tests("HTTP2Tests", ["AsyncIO", "HTTP2"]),
        tests("RPCTests", ["AsyncIO", "HTTP2", "Protobuf", "RPC"]),
        tests("ProtobufTests", ["Protobuf"]),
        tests("HTTPTransportTests", ["AsyncIO", "HTTP", "HTTPTransport", "HostNames", "Linux", "TLS", "Values"]),
        tests("ComposeFileTests", ["ComposeFile", "JSON"]),
        tests("ComposeTests", ["Compose", "ComposeFile", "DockerAPI"]),
        tests("ContentTests", ["Archive", "Content", "Diagnostics", "Linux", "OCI"]),
        tests("LayersTests", ["Archive", "Layers", "Linux", "OCI", "Values"]),
        tests("OCITests", ["JSON", "OCI", "Values"]),
        tests("JSONTests", ["JSON"]),
        tests("PatternsTests", ["Patterns"]),
        tests("TemplatesTests", ["JSON", "Templates"]),
        tests("TerminalTests", ["Terminal", "Values"]),
        tests("CLITests", ["Archive", "Arguments", "CLI", "DockerAPI", "JSON", "Linux", "TLS"]),
        tests("ArgumentsTests", ["Arguments"]),
        tests("ImagesTests", ["Archive", "Content", "Database", "Diagnostics", "DockerAPI", "Images", "Linux", "OCI", "Values"]),
        tests("DNSTests", ["DNS", "Values"]),
        tests("DockerfileTests", ["Dockerfile"]),
        tests("BuildKitAPITests", ["Builder", "BuildKitAPI", "Diagnostics", "DockerAPI", "Linux", "Protobuf", "Values"]),
        tests("BuilderTests", ["Builder", "Dockerfile", "OCI"]),
        tests("DockerAPITests", ["DockerAPI", "JSON", "Values"]),
        tests("CgroupsTests", ["Cgroups", "Linux", "OCI"]),
        tests("ContainerRuntimeTests", ["ContainerRuntime", "Linux", "OCI"]),
        tests("DatabaseTests", ["Database", "Diagnostics"]),
        tests("NetworksTests", ["Database", "Diagnostics", "DockerAPI", "Linux", "NetworkPlumbing", "Networks", "Values"]),
        tests("MembershipTests", ["JSON", "Membership", "Values"]),
        tests("NetlinkTests", ["Linux", "Netlink", "Values"]),
        tests("NetworkPlumbingTests", ["Linux", "Netlink", "NetworkPlumbing", "Values"]),
        tests("SupervisorTests", ["DNS", "DockerAPI", "Linux", "NetworkPlumbing", "OCI", "Supervisor", "Values"]),
        tests("SeccompTests", ["CSeccomp", "Linux", "OCI", "Seccomp"]),
        tests("AuthenticationTests", ["Authentication", "Linux"]),
        tests("RegistryClientTests", ["HTTP", "OCI", "RegistryClient"]),
        tests("TidyTests", ["Linux"]),
        tests("Integration", ["AsyncIO", "DNS", "HTTP2", "Linux", "Netlink", "NetworkPlumbing", "Protobuf", "RPC", "Values"]),
        tests("LogFilesTests", ["Linux", "LogFiles", "Values"]),
        tests("ValuesTests", ["Values"]),
        tests(
            "RegistryServerTests",
            ["Archive", "HTTP", "HTTPTransport", "JSON", "Linux", "OCI", "RegistryServer", "Values"]),
        tests("YAMLTests", ["JSON", "YAML"]),
        tests("ContainersTests", ["Containers", "Diagnostics", "DockerAPI", "JSON", "NetworkPlumbing", "Values"]),
        tests("VolumesTests", ["Database", "Diagnostics", "DockerAPI", "Linux", "Values", "Volumes"]),
    ]
)

// libFuzzer brings a run-time library that only fuzzing builds have: see Fuzz/run.
if Context.environment["DAVIT_FUZZ"] != nil {
    package.products.append(.executable(name: "fuzz", targets: ["fuzz"]))
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: ["Archive", "Cgroups", "ComposeFile", "DNS", "DockerAPI", "Dockerfile", "HTTP", "HTTP2", "JSON", "Linux", "LogFiles", "Membership", "NetworkPlumbing", "OCI", "Patterns", "Protobuf", "RPC", "RegistryClient", "RegistryServer", "RuntimeCLI", "Seccomp", "Supervisor", "Templates", "Values", "YAML"],
            path: "Fuzz/Targets",
            // As CLinux.h has it: the C library must look the same from both.
            swiftSettings: swiftSettings))
}
