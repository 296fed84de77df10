import ComposeFile
import JSON
import Testing

/// docker compose compares this JSON by its digest, so every byte of it counts.
@Suite struct ConfigHashTests {
    @Test func isWhatDockerComposeHashes() throws {
        let project = try ProjectText(
            """
            services:
              web:
                image: "a<&>"
                build: .
                environment: {B: "1", A: }
                ports: ["80:80"]
                volumes: ["./x:/x"]
                deploy: {replicas: 2, resources: {limits: {cpus: '0.50', memory: 50M}}}
                ulimits: {nproc: 10}
                depends_on: [db]
              db: {image: b, network_mode: none, entrypoint: "", command: []}
            """
        ).load()
        let web = try #require(project.services["web"]), db = try #require(project.services["db"])
        let deploy = #""deploy":{"resources":{"limits":{"cpus":0.5,"memory":"52428800"}},"placement":{}}"#
        let expected =
            #"{"command":null,\#(deploy),"entrypoint":null,"environment":{"A":null,"B":"1"},"image":"a\u003c\u0026\u003e","networks":{"default":null},"#
            + #""ports":[{"mode":"ingress","target":80,"published":"80","protocol":"tcp"}],"ulimits":{"nproc":10},"#
            + #""volumes":[{"type":"bind","source":"/p/x","target":"/x","bind":{}}]}"#
        #expect(String(decoding: ConfigHash.text(web), as: UTF8.self) == expected)
        #expect(String(decoding: ConfigHash.text(db), as: UTF8.self) == #"{"command":[],"entrypoint":[],"image":"b","network_mode":"none"}"#)
        #expect(String(decoding: ConfigHash.text(try #require(project.networks["default"])), as: UTF8.self) == #"{"name":"p_default","ipam":{}}"#)
    }
}
