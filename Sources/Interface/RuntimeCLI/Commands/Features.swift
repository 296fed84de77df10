import Arguments
import ContainerRuntime
import JSON
import Linux
import Seccomp

extension RuntimeCommand {
    static var features: RuntimeCommand {
        RuntimeCommand("features", "Tell what this runtime can do", usage: "", arity: .none) { _ in
            RuntimeProgram.say(String(decoding: JSONValue.object(all).indented(), as: UTF8.self) + "\n")
            return 0
        }
    }

    /// https://github.com/opencontainers/runtime-spec/blob/main/features.md
    private static var all: JSONObject {
        func words(_ list: [String]) -> JSONValue { list.json }
        func enabled(_ isOn: Bool) -> JSONValue { .object(["enabled": .bool(isOn)]) }
        return [
            "ociVersionMin": .string("1.0.0"), "ociVersionMax": .string(RuntimeProgram.specification),
            "hooks": words(["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]),
            "mountOptions": words(SupportedMountOptions.names),
            "linux": .object([
                "namespaces": words(["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"]),
                "capabilities": words(CapabilitySet.names.map { "CAP_\($0)" }),
                "cgroup": .object([
                    "v1": .bool(true), "v2": .bool(true), "systemd": .bool(false), "systemdUser": .bool(false), "rdma": .bool(false),
                ]),
                "seccomp": .object([
                    "enabled": .bool(true), "actions": words(SeccompWords.actions), "operators": words(SeccompWords.operators),
                    "archs": words(SeccompArchitecture.allCases.map(\.rawValue).sorted()), "knownFlags": words(SeccompWords.flags),
                    "supportedFlags": words(SeccompWords.flags),
                ]),
                "apparmor": enabled(true), "selinux": enabled(false), "intelRdt": enabled(false),
                "mountExtensions": .object(["idmap": enabled(true)]),
            ]),
            "potentiallyUnsafeConfigAnnotations": words([]),
        ]
    }
}
