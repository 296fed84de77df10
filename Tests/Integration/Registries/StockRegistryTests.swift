import Linux
import Testing

extension Integration {
    /// The stock docker CLI on our daemon and our registry prints what Docker's own engine prints there.
    @Suite(.enabled(if: StockClient.program != nil, "needs a docker command (Debian's docker.io has one)"), .serialized)
    struct StockRegistryTests {
        let it: Installation
        let registry: RegistryPeer
        let daemon: RunningCommand

        init() throws {
            it = try Installation.withImage()
            registry = try RegistryPeer(.own, on: it, .init(wantsPassword: true))
            let socket = "\(it.directory)/docker.sock"
            daemon = try it.start(["daemon", "-H", "unix://\(socket)"])
            try it.eventually("the daemon listens") { FileSystem.exists(socket) }
        }

        /// Runs each row's script, in which `d` is the client and `$H` the registry, and compares what both outputs say. Digests are `DIGEST`
        /// there, short ids `ID`.
        private func compare(_ rows: [(script: String, output: String)]) throws {
            for row in rows {
                let script =
                    "export DOCKER_CONFIG=\(it.directory)/config; cd \(it.directory); H=\(registry.host)\n"
                    + "d() { \(StockClient.program ?? "docker") -H unix://\(it.directory)/docker.sock \"$@\"; }\n\(row.script)"
                let outcome = try it.shell("( \(script)\n) 2>&1")
                var text = outcome.out
                text.replace(#/[0-9a-f]{64}/#, with: "DIGEST")
                text.replace(#/\b[0-9a-f]{12}\b/#, with: "ID")
                text.replace(registry.host, with: "H")
                #expect(text.trimmingSuffix(while: { $0 == "\n" }) == row.output.trimmingSuffix(while: { $0 == "\n" }), "\(row.script)")
            }
        }

        private static let login = "echo secret | d login -u me --password-stdin $H"

        @Test(
            "login, push, push -a, pull, search, logout (A01 A06 B03 B04 B07 D05 D32 E19 E168 E169 E170 E172 E173 E174 E175 E176 E177 E178 E179 E180 E181)",
            .enabled(if: StockClient.isCurrent, StockClient.why))
        func transfers() throws {
            try compare([
                (
                    "d pull $H/x",
                    """
                    Using default tag: latest
                    Error response from daemon: pull access denied for H/x, repository does not exist or may require 'docker login': no basic auth credentials
                    """
                ),
                ("d tag busybox $H/x:1; d push $H/x:1", "The push refers to repository [H/x]\nID: Preparing\nno basic auth credentials"),
                ("echo wrong | d login -u me --password-stdin $H", "Error response from daemon: login attempt to http://H/v2/ failed with status: 401 Unauthorized"),
                ("\(Self.login) 2>/dev/null", "Login Succeeded"),
                ("d push $H/x:1", "The push refers to repository [H/x]\nID: Preparing\nID: Pushed\n1: digest: sha256:DIGEST size: 427"),
                ("d pull $H/x:1", "1: Pulling from x\nDigest: sha256:DIGEST\nStatus: Image is up to date for H/x:1\nH/x:1"),
                (
                    "d tag $(d images -q busybox) $H/x:2; d push -a $H/x",
                    """
                    The push refers to repository [H/x]
                    ID: Preparing
                    ID: Layer already exists
                    1: digest: sha256:DIGEST size: 427
                    ID: Preparing
                    ID: Layer already exists
                    2: digest: sha256:DIGEST size: 427
                    """
                ),
                ("d push $H/x", "Using default tag: latest\nThe push refers to repository [H/x]\ntag does not exist: H/x:latest"),
                ("d push $H/never:1", "The push refers to repository [H/never]\nAn image does not exist locally with the tag: H/never"),
                (
                    "d push -q $H/x:2; d push -a $H/x:1; d push UP",
                    "H/x:2\ntag can't be used with --all-tags/-a\ninvalid reference format: repository name (library/UP) must be lowercase"
                ),
                // The tag moves to another image; the digest does not.
                (
                    """
                    old=$(d image inspect -f '{{index .RepoDigests 0}}' $H/x:1); d create --name mk busybox true > id; d commit mk $H/x:2 > id; d rm mk; d push -q $H/x:2
                    d rmi $H/x:2 | grep -c Untagged; d pull $H/x:2; [ $(d image inspect -f '{{.Id}}' $old) = $(d image inspect -f '{{.Id}}' busybox) ] && echo same
                    """,
                    """
                    mk
                    H/x:2
                    2
                    2: Pulling from x
                    ID: Already exists
                    Digest: sha256:DIGEST
                    Status: Downloaded newer image for H/x:2
                    H/x:2
                    same
                    """
                ),
                (
                    "d rmi -f $(d images -q | sort -u) > log; d pull $H/x:1",
                    """
                    1: Pulling from x
                    ID: Pulling fs layer
                    ID: Download complete
                    ID: Pull complete
                    Digest: sha256:DIGEST
                    Status: Downloaded newer image for H/x:1
                    H/x:1
                    """
                ),
                ("d pull -q $H/x:2; d pull $H/x:none", "H/x:2\nError response from daemon: manifest for H/x:none not found: manifest unknown: manifest unknown"),
                ("d search $H/x | tr -s ' '", "NAME DESCRIPTION STARS OFFICIAL\nH/x 0 "),
                ("d search --format '{{.Name}}' --limit 1 $H/x; d search --limit 101 x", "H/x\nError response from daemon: limit 101 is outside the range of [1, 100]"),
                ("d logout $H; d pull -q $H/x:1 2>&1 | grep -c denied", "Removing login credentials for H\n1"),
            ])
            try end()
        }

        @Test(
            "images with every filter, prune, rmi by tag, digest and id, save and load (C02 D19 D33 E62 E63 E64 E190 E191 E194)",
            .enabled(if: StockClient.isCurrent, StockClient.why))
        func lists() throws {
            let format = "--format '{{.Repository}}:{{.Tag}}'"
            try compare([
                (
                    """
                    d create --name mk busybox true > id
                    d commit -c 'LABEL a=b' -c 'LABEL c=d' mk lab:1 > id; d commit -c 'LABEL a=x' mk lab:2 > id; d commit mk > id; d rm mk
                    for f in dangling=true dangling=false dangling=x reference=lab reference='l*:1' reference=busy label=a label=a=b label=zz before=lab:2 since=busybox \\
                        before=nope since=lab:1 until=1h until=x bogus=1; do echo "- $f"; d images \(format) --filter "$f"; done
                    """,
                    """
                    mk
                    - dangling=true
                    <none>:<none>
                    - dangling=false
                    lab:2
                    lab:1
                    busybox:latest
                    - dangling=x
                    Error response from daemon: invalid filter 'dangling=[x]'
                    - reference=lab
                    lab:2
                    lab:1
                    - reference=l*:1
                    lab:1
                    - reference=busy
                    - label=a
                    lab:2
                    lab:1
                    - label=a=b
                    lab:1
                    - label=zz
                    - before=lab:2
                    lab:1
                    busybox:latest
                    - since=busybox
                    <none>:<none>
                    lab:2
                    lab:1
                    - before=nope
                    Error response from daemon: No such image: nope:latest
                    - since=lab:1
                    <none>:<none>
                    lab:2
                    - until=1h
                    busybox:latest
                    - until=x
                    Error response from daemon: invalid filter 'until=x'
                    - bogus=1
                    Error response from daemon: invalid filter 'bogus'
                    """
                ),
                ("d images \(format) --filter label=a --filter reference='*:2'; d images \(format) 'lab'", "lab:2\nlab:2\nlab:1"),
                (
                    "echo y | d image prune; d image prune -f --filter label=a; d image prune -f --filter bogus=1; d image prune -af --filter label=a=b; d image prune -af --filter 'label!=a'",
                    """
                    WARNING! This will remove all dangling images.
                    Are you sure you want to continue? [y/N] Deleted Images:
                    deleted: sha256:DIGEST

                    Total reclaimed space: 0B
                    Total reclaimed space: 0B
                    Error response from daemon: invalid filter 'bogus'
                    Deleted Images:
                    untagged: lab:1
                    deleted: sha256:DIGEST

                    Total reclaimed space: 0B
                    Total reclaimed space: 0B
                    """
                ),
                ("d rmi lab:2; \(Self.login) 2>/dev/null; d tag busybox $H/x:1; d push -q $H/x:1", "Untagged: lab:2\nDeleted: sha256:DIGEST\nLogin Succeeded\nH/x:1"),
                (
                    "d images --digests --format '{{.Repository}} {{.Tag}} {{.Digest}}' | sort; d rmi $(d images -q busybox); i=$(d images -q busybox); d rmi ${i%????????}",
                    """
                    H/x 1 sha256:DIGEST
                    busybox latest <none>
                    Error response from daemon: conflict: unable to delete ID (must be forced) - image is referenced in multiple repositories
                    Error response from daemon: conflict: unable to delete ID (must be forced) - image is referenced in multiple repositories
                    """
                ),
                (
                    "r=$(d image inspect -f '{{index .RepoDigests 0}}' busybox); d rmi $r; d pull -q $r; d rmi busybox $H/x:1; d images \(format); d pull -q $r; d images \(format); d run --rm $r echo hi; d rmi $r",
                    """
                    Untagged: H/x@sha256:DIGEST
                    H/x@sha256:DIGEST
                    Untagged: busybox:latest
                    Untagged: H/x:1
                    Untagged: H/x@sha256:DIGEST
                    Deleted: sha256:DIGEST
                    Deleted: sha256:DIGEST
                    H/x@sha256:DIGEST
                    H/x:<none>
                    hi
                    Untagged: H/x@sha256:DIGEST
                    Deleted: sha256:DIGEST
                    Deleted: sha256:DIGEST
                    """
                ),
                (
                    """
                    d pull -q $H/x:1; d run -d --name user $H/x:1 sleep 100; d rmi $H/x:1; i=$(d images -q $H/x); d rmi -f $i
                    d stop -t 0 user; d rmi $i; d rmi -f $H/x:1; d rm user; d rmi nope
                    """,
                    """
                    H/x:1
                    DIGEST
                    Error response from daemon: conflict: unable to remove repository reference "H/x:1" (must force) - container ID is using its referenced image ID
                    Error response from daemon: conflict: unable to delete ID (cannot be forced) - image is being used by running container ID
                    user
                    Error response from daemon: conflict: unable to delete ID (must be forced) - image is being used by stopped container ID
                    Untagged: H/x:1
                    Untagged: H/x@sha256:DIGEST
                    Deleted: sha256:DIGEST
                    user
                    Error response from daemon: No such image: nope:latest
                    """
                ),
                (
                    "d pull -q $H/x:1; d save -o s.tar $H/x:1; d rmi -f $H/x:1 > log; d load -i s.tar; d load -q < s.tar; d save nope -o t.tar",
                    """
                    H/x:1
                    Loaded image: H/x:1
                    Loaded image: H/x:1
                    Error response from daemon: No such image: nope:latest
                    """
                ),
            ])
            try end()
        }

        @Test("proxies of config.json are told to containers, by both clients (E66); info tells of registries (D06)") func proxies() throws {
            try FileSystem.makeDirectories("\(it.directory)/config")
            let config = #"{"proxies":{"default":{"httpProxy":"http://p:1","noProxy":"*.x"},"unix://\#(it.directory)/other.sock":{"allProxy":"socks5://q"}}}"#
            try FileSystem.replace("\(it.directory)/config/config.json", with: Array(config.utf8))
            let told = "HTTP_PROXY=http://p:1\nNO_PROXY=mine\nhttp_proxy=http://p:1\nno_proxy=*.x"
            try compare([
                ("d run --rm -e NO_PROXY=mine busybox env | grep -i proxy | sort", told),
                ("$DAVIT run --rm -e NO_PROXY=mine busybox env | grep -i proxy | sort", told),
                (
                    "ln -s docker.sock other.sock; $DAVIT -H unix://\(it.directory)/other.sock run --rm busybox env | grep -i proxy | sort",
                    "ALL_PROXY=socks5://q\nall_proxy=socks5://q"
                ),
                ("echo '{' > config/config.json; $DAVIT run --rm busybox echo runs 2>&1 | cut -c1-35; rm config/config.json", "WARNING: Error loading config file:\nruns"),
                (
                    "$DAVIT info -f '{{.IndexServerAddress}} {{json .RegistryConfig.InsecureRegistryCIDRs}}'; $DAVIT info 2>/dev/null | grep Registry:",
                    "https://index.docker.io/v1/ [\"::1/128\",\"127.0.0.0/8\"]\n Registry: https://index.docker.io/v1/"
                ),
            ])
            try end()
        }

        private func end() throws {
            try daemon.signal(15)
            #expect(try daemon.finish(seconds: 20).code == 0)
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(while isLoose: (Character) -> Bool) -> Substring {
        var view = self[...]
        while let last = view.last, isLoose(last) { view.removeLast() }
        return view
    }
}
