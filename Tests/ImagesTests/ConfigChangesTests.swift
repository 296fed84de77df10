import Images
import OCI
import Testing

@Suite struct ConfigChangesTests {
    @Test func everyInstruction() throws {
        var config = ImageConfig()
        config.env = ["PATH=/bin", "X=old"]
        config.cmd = ["inherited"]
        config.workingDir = "/srv"
        let result = try ConfigChanges.apply(
            [
                "ENTRYPOINT /bin/e --flag", "ENV X=new Y=\"a b\" Z=$PATH:${Q:-q}", "ENV OLD some words", "expose 80 53/udp 9000-9001", "LABEL \"a b\"='c d' e=f",
                "USER 10:20", "WORKDIR sub/../dir", "VOLUME [\"/a\", \"/b\"]", "VOLUME /c /d", "STOPSIGNAL SIGINT", "ONBUILD RUN x",
                "HEALTHCHECK --interval=5s --retries=3 CMD curl x", "SHELL [\"/bin/bash\", \"-c\"]",
            ], to: config)
        #expect(result.entrypoint == ["/bin/sh", "-c", "/bin/e --flag"])
        #expect(result.cmd == nil)
        #expect(result.env == ["PATH=/bin", "X=new", "Y=a b", "Z=/bin:q", "OLD=some words"])
        #expect(result.exposedPorts == ["80/tcp", "53/udp", "9000/tcp", "9001/tcp"])
        #expect(result.labels == ["a b": "c d", "e": "f"])
        #expect(result.user == "10:20")
        #expect(result.workingDir == "/srv/dir")
        #expect(result.volumes == ["/a", "/b", "/c", "/d"])
        #expect(result.stopSignal == "SIGINT")
        #expect(result.onBuild == ["RUN x"])
        #expect(result.healthcheck?.test == ["CMD-SHELL", "curl x"])
        #expect(result.healthcheck?.interval == 5_000_000_000)
        #expect(result.healthcheck?.retries == 3)
        #expect(result.shell == ["/bin/bash", "-c"])
        #expect(try ConfigChanges.apply(["CMD [\"a\"]", "ENTRYPOINT [\"b\"]"], to: config).cmd == ["a"])
    }

    @Test(arguments: [
        "FROM x", "RUN x", "ENV", "ENV A", "ENV A=\"b", "EXPOSE x", "EXPOSE 9-8", "EXPOSE 70000", "EXPOSE 80/x", "LABEL a", "USER", "STOPSIGNAL NOPE",
        "ONBUILD ONBUILD RUN x", "HEALTHCHECK x", "HEALTHCHECK --interval=x CMD y", "HEALTHCHECK CMD", "SHELL x", "ENV A=${B", "ENV =x", "VOLUME [\"\"]",
    ]) func refused(change: String) {
        #expect(!message { _ = try ConfigChanges.apply([change], to: ImageConfig()) }.isEmpty)
    }
}
