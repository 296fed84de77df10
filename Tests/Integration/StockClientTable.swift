// swift-format-ignore-file: a row is a script, and a script is a line.

/// What both clients are asked to do: scripts for sh, in which `d` is the client and prints the exit code behind what the command prints.
///
/// Where the two are of different versions and word an error differently, the row drops standard error: the code still counts.
enum StockClientTable {
    static let run = [
        "d run --rm busybox echo hello",
        "d run --rm busybox sh -c 'echo o; exit 13'; d run --rm busybox sh -c 'echo e >&2'; d run --rm busybox sh -c 'kill -9 $$'",
        "d run --rm busybox nosuch; d run --rm busybox /etc; d run --rm --pull never nosuch; d run --rm nosuch:tag; d run --rm UPPER",
        "d run --rum busybox 2>/dev/null; d run; d nosuch 2>/dev/null",
        "d run -d busybox sleep 100; d run -d --name aa busybox sleep 100; d run -d --name aa busybox true; d create --name aa busybox; d create --name '/b b' busybox",
        "echo test | d run --rm -i busybox cat -; echo test | d run --rm busybox cat -; d run --rm -i busybox cat </dev/null; d run --rm -t busybox echo hi; d run --rm -it busybox cat 2>/dev/null",
        "export A=1; printf '# c\\nX=1\\nHOME\\nNOPE\\n' > f; d run --rm -e A -e B=2 -e NONE busybox sh -c 'env | sort'; d run --rm --env-file f -e X=2 busybox env; d run --rm -e =x busybox env; d run --env-file nofile busybox 2>/dev/null",
        "d run --rm -w /a/b busybox pwd; d run --rm -w a/b busybox pwd",
        "d run --rm -u daemon busybox id; d run --rm -u 5:6 busybox id; d run --rm -u nope busybox id; d run --rm -u 1:nope busybox id; d run --rm --group-add 77 busybox id",
        "d run --rm --entrypoint echo busybox a b; d run --rm --entrypoint '' busybox echo x; d run --rm --entrypoint '' busybox",
        "d run --rm --hostname hh busybox hostname; d run --rm --hostname 'a b' busybox hostname; d run --rm --hostname h.dom.x busybox cat /etc/hosts /etc/hostname",
        "d run --rm --read-only busybox touch /f; d run --rm --read-only --tmpfs /t busybox touch /t/f; d run --rm --tmpfs /t:size=1m,noexec busybox grep ' /t ' /proc/mounts",
        "d run --rm --init busybox ps; d run --rm --stop-signal NOPE busybox true",
        "d run -d --name aa --stop-signal INT busybox sh -c 'trap \"echo got; exit 5\" INT; echo up; while :; do sleep 0.1; done'; until $D logs aa | grep -q up; do :; done; d stop aa; d wait aa; d logs aa",
        "$D run -d --cidfile c busybox true > o; d ps -aq --no-trunc --filter id=$(cat c); d run -d --cidfile c busybox true",
        "d run --rm -a stdout busybox sh -c 'echo o; echo e >&2'; d run --rm -a stderr busybox sh -c 'echo o; echo e >&2'; echo in | d run --rm -a stdin -i busybox cat; echo in | d run --rm -a stdin -a stdout busybox cat; d run --rm -a bogus busybox true; d run --rm -d -a stdout busybox true",
        "d run --rm --network none busybox ls /sys/class/net; d run --rm --network host busybox true; d run --rm --network nonet busybox true; d run --rm --network container:nope busybox true; d ps -a",
        "d run --rm --restart always busybox true; d run --rm --restart bogus busybox true; d run --rm --ipc bogus busybox true; d run --rm --shm-size 1m busybox df /dev/shm; d run --rm --shm-size x busybox true; d run --rm --platform linux/arm64 busybox true 2>/dev/null",
    ]

    static let confinement = [
        "mkdir s; echo q > s/f; d run --rm -v $PWD/s:/x busybox cat /x/f; d run --rm -v $PWD/s:/x:ro busybox touch /x/f; d run --rm --mount type=bind,src=$PWD/s,dst=/x,readonly busybox touch /x/f",
        "d run --rm --mount type=bind,src=$PWD/none,dst=/x busybox true; d run --rm -v $PWD/made:/x busybox touch /x/f; ls made",
        "d run --rm -v relative/x:/x busybox true; d run --rm -v /x:rel busybox true; d run --rm -v /a:/b:zz busybox true; d run --rm -v /tmp:/ busybox true; d run --rm -v a:b:c:d busybox true",
        "d run --rm --mount type=bind,dst=/x busybox true; d run --rm --mount type=zzz,dst=/x busybox true; d run --rm --mount type=bind,src=/a busybox true; d run --rm --mount foo=bar busybox true 2>/dev/null; d run --rm --mount type=tmpfs,dst=/x,tmpfs-size=1m busybox df -h /x",
        "d run --rm -v vol1:/x busybox touch /x/f; d run --rm -v vol1:/y busybox ls /y; d volume ls; d volume rm vol1",
        "d run --rm busybox grep Cap /proc/self/status; d run --rm --cap-drop ALL --cap-add net_bind_service busybox grep Cap /proc/self/status; d run --rm --cap-add BAD busybox true; d run --rm --privileged busybox grep Cap /proc/self/status; d run --rm --cap-add ALL busybox grep Cap /proc/self/status",
        "d run --rm --security-opt no-new-privileges busybox grep NoNew /proc/self/status; d run --rm --security-opt seccomp=unconfined busybox grep Seccomp: /proc/self/status; d run --rm --security-opt foo=bar busybox true; d run --rm --security-opt seccomp=/nofile busybox true",
        "d run --rm --ulimit nofile=100:200 busybox sh -c 'ulimit -n; ulimit -Hn'; d run --rm --ulimit bad=1 busybox true; d run --rm --ulimit nofile=3:2 busybox true",
        "d run --rm -m 32m --cpus 0.5 --pids-limit 33 busybox true; d run --rm -m 1m busybox true; d run --rm -m xx busybox true; d run --rm --cpus 1000 busybox true; d run --rm --cpus x busybox true; d run --rm --cpuset-cpus 0 busybox grep Cpus_allowed_list /proc/self/status",
        "d run --name aa --memory 16m busybox sh -c 'x=a; while :; do x=$x$x; done'; d inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}} {{.HostConfig.Memory}}' aa",
        "d run --rm --device /dev/null:/dev/mynull busybox stat -c %t:%T /dev/mynull; d run --rm --device /dev/nonono busybox true; d run --rm --device /dev/null:/dev/n:zz busybox true",
        "d run --rm --sysctl net.ipv4.ip_forward=1 busybox cat /proc/sys/net/ipv4/ip_forward; d run --rm --sysctl kernel.foo=1 busybox true; d run --rm --sysctl nope busybox true",
    ]

    static let life = [
        "d create --name aa busybox echo hi; d start aa; d wait aa; d logs aa; d start -a aa; d start nope; d start aa nope",
        "d create -i --name aa busybox cat; echo x | d start -ai aa; d start -a aa nope",
        "d run -d --name aa busybox sleep 100; d stop -t 1 aa; d wait aa; d stop aa; d stop nope; d start aa; d restart -t 0 aa; d kill aa; d wait aa; d kill aa; d kill nope; d rm aa; d restart nope; d wait nope",
        "d run -d --name aa busybox sleep 100; d rm aa; d rm -f aa; d rm -f aa; d rm aa",
        "d run -d --name aa busybox sh -c 'trap \"exit 7\" USR1; echo up; while :; do sleep 0.1; done'; until $D logs aa | grep -q up; do :; done; d kill -s USR1 aa; d wait aa; d kill -s NOPE aa; d stop -s KILL aa",
        "d create --name aa busybox true; d exec aa true; d run -d --name bb busybox sleep 100; d pause bb; d exec bb true; d pause bb; d ps --format '{{.Status}}'; d unpause bb; d stop -t 0 bb; d unpause aa; d pause aa; d pause nope",
        "d run -d --name aa busybox sh -c 'sleep 0.3; exit 9'; d wait aa; d wait aa nope; d run --name bb -d --restart on-failure:2 busybox sh -c 'echo x; exit 3'; d wait bb; d logs bb; d inspect -f '{{.RestartCount}} {{.State.ExitCode}} {{.State.Status}}' bb",
        "d create --name aa busybox true; d rename aa bb; d ps -a --format '{{.Names}}'; d rename nope cc 2>/dev/null; d create --name cc busybox true; d rename bb cc 2>/dev/null; d rename bb '/x y' 2>/dev/null",
        "d run --name aa busybox true; d run -d --name bb busybox sleep 50; d container prune -f --filter label=x; d container prune -f; d ps -a --format '{{.Names}}'; echo n | d container prune",
        "d run -d --name aa busybox sh -c 'sleep 0.5; echo hi; exit 3'; d attach aa; d attach aa; d attach nope; d run -d --name bb busybox sh -c 'sleep 0.5; echo yo'; d attach --no-stdin bb; d logs bb",
        "d start; d stop; d rm; d kill; d logs; d logs aa bb; d tag x; d rename x; d ps x; d wait; d inspect; d history; d save; d export; d attach; d rmi; d container 2>/dev/null; d container bogus 2>/dev/null",
    ]

    static let looks = [
        "$D run -d --name aa -l k=v busybox sleep 100 > o; $D run --name bb busybox sh -c 'exit 3'; $D create --name cc busybox true > o; d ps; d ps -a; d ps -a --filter status=exited; d ps -a --filter exited=3 --format '{{.Names}}'; d ps --filter label=k=v --format '{{.ID}} {{.Names}} {{.Labels}}'; d ps -n 1 --format 'table {{.Names}}\\t{{.Status}}'; d ps -l --format '{{.Names}}'; d ps -a --filter bogus=1; d ps --format '{{.Nope}}'; d ps -a --filter status=zzz; d ps -as",
        "d ps; d ps -aq; d ps --format '{{' 2>/dev/null; d ps --filter since=nope",
        "d run --name aa busybox sh -c 'for i in 1 2 3; do echo l$i; done'; d logs aa; d logs -t aa; d logs --tail 1 aa; d logs --tail 0 aa; d logs --since 1h aa; d logs --until 1h aa; d logs --since zzz aa; d logs nope; d logs --since 2100-01-01 aa",
        "d run -d --name aa busybox sh -c 'for i in 1 2 3; do echo l$i; sleep 0.2; done'; d logs -f aa; d logs --follow --tail 1 aa",
        "d run -d --name aa busybox sleep 100; d exec aa echo hi; d exec aa sh -c 'exit 4'; echo z | d exec -i aa cat; d exec -d aa touch /x; until $D exec aa test -e /x; do :; done; d exec -e A=1 aa sh -c 'echo $A'; d exec -w /tmp aa pwd; d exec -u daemon aa id; d exec -u nope aa id; d exec -u 5 aa id; d exec --privileged aa grep CapEff /proc/self/status; d exec aa nosuch; d exec aa /etc; d exec -w /none aa pwd; d exec nope true; d exec aa; d exec -t aa echo hi; d exec aa sh -c 'kill -9 $$'; d exec -it aa true 2>/dev/null",
        "d run -d --name aa -v /tmp:/q busybox sleep 100; d inspect -f '{{.Name}} {{.State.Status}} {{.Config.Image}} {{json .Config.Cmd}} {{.HostConfig.NetworkMode}}' aa; d inspect nope; d inspect -f '{{.Name}}' aa nope; d inspect -f '{{.Nope}}' aa >/dev/null; d inspect -f '{{' aa; d inspect --type image aa; d inspect -f '{{.RepoTags}}' busybox; d inspect -s -f '{{.SizeRw}}' aa; d container inspect nope; d inspect -f '{{range .Mounts}}{{.Destination}}{{end}} {{len .Args}}' aa; d inspect -f '{{index .Config.Env 0}}' aa",
        "d create --name aa -l b=c -e X=1 -m 64m -v /tmp:/q --cap-add SYS_ADMIN busybox true; d inspect aa",
        "d version --format '{{.Server.APIVersion}} {{json .Server.Os}}'; d info -f '{{.OSType}} {{.NCPU}} {{.Driver}} {{.Images}} {{.Swarm.LocalNodeState}}'",
        "d run -d --name aa busybox sleep 100; $D top aa | grep -c sleep; d top nope; d port aa; d port nope",
    ]

    static let networks = [
        "d network create; d network create a b; d network create --driver nope mynet; d network create mynet; d network create mynet; d network inspect -f '{{json .IPAM.Config}} {{.Driver}} {{.Scope}} {{.Internal}} {{json .Options}} {{json .Labels}}' mynet; d network rm mynet; d network rm mynet; d network rm -f mynet",
        "d network create --subnet 10.1.0.0/24 n1; d network create --subnet 10.1.0.128/25 n2; d network create --subnet 10.1.0.0 n3; d network create --subnet foo n3; d network create --subnet 10.2.0.5/24 n3; d network create --gateway 10.2.0.1 n3; d network create --subnet 10.2.0.0/24 --gateway 10.3.0.1 n3; d network create --subnet 10.2.0.0/24 --ip-range 10.3.0.0/28 n3;  d network create --subnet 10.2.0.0/24 --subnet 10.2.0.0/25 n3; d network create --subnet 10.2.0.0/24 --aux-address host=10.2.0.1 n3; d network create --ip-range 10.2.0.0/28 n3; d network ls -q --filter type=custom; d network rm n1 n2 n3",
        "d network create host; d network create none; d network create bridge; d network create default; d network create '' ; d network create 'a b'; d network create --label a=b --label c -o com.docker.network.bridge.name=brx --attachable --ingress n4; d network inspect n4; d network rm n4; d network rm bridge; d network rm host nope none",
        "d network ls; d network ls -q | tail -1; d network ls --filter driver=bridge --format '{{.Name}}: {{.Driver}} {{.Scope}} {{.IPv6}} {{.Internal}} {{.Labels}}'; d network ls --filter name=o; d network ls --filter bogus=1; d network ls --filter dangling=true; d network ls --filter type=zz; d network ls --no-trunc -q; d network ls --format '{{json .}}' --filter name=host; d network ls --filter scope=local -q; d network ls --filter scope=xx",
        "d network inspect nope; d network inspect bridge nope -f '{{.Name}}'; d network inspect -v host; d inspect none; d inspect --type network nope; d network inspect",
    ]

    static let joining = [
        "d network connect; d network connect mynet; d network connect mynet nope; d network create mynet; d network connect mynet nope; d run -d --name aa busybox sleep 100; d network connect mynet aa; d network connect mynet aa; d network connect nonet aa; d network connect --ip 1.2.3.4 mynet aa; d network connect host aa; d network connect none aa; d network rm mynet; d network disconnect mynet aa; d network disconnect mynet aa; d network disconnect -f mynet aa; d network disconnect nonet aa; d network disconnect mynet nope; d network disconnect bridge aa; d network rm mynet; d inspect -f '{{json .NetworkSettings.Networks}}' aa",
        "d network create --subnet 10.7.0.0/24 --gateway 10.7.0.254 --ip-range 10.7.0.64/26 --aux-address a=10.7.0.65 n1; d run --rm --network n1 busybox ip -o -4 a show eth0; d run --rm --network n1 --ip 10.7.0.9 busybox hostname -i; d run -d --name aa --network n1 --ip 10.7.0.9 busybox sleep 100; d run --rm --network n1 --ip 10.7.0.9 busybox true; d run --rm --network n1 --ip 10.8.0.9 busybox true; d run --rm --network n1 --ip 10.7.0.254 busybox true; d run --rm --network n1 --ip x busybox true; d run --rm --network n1 --mac-address 02:01:02:03:04:05 busybox cat /sys/class/net/eth0/address; d run --rm --network n1 --mac-address zz busybox true; d network inspect n1; d network rm n1; d network ls; d run --rm --network name=n1,ip=10.7.0.77,alias=foo,mac-address=02:00:00:00:00:07 busybox ip -o a show eth0; d run --rm --network n1,ip=10.7.0.77 busybox true",
        "d network create n1; d network create n2; d run -d --name aa --network n1 --network n2 --network-alias x busybox sleep 100;  d run -d --name aa --network n1 --network n2 busybox sleep 100; d exec aa ip -o -4 a; d exec aa ip r; d inspect -f '{{json .NetworkSettings.Networks}}' aa; d run --rm --network n1 busybox ping -c1 aa | grep loss; d network rm n1; d network disconnect n1 aa; d exec aa ip -o -4 a; d network connect --alias y --alias z n1 aa; d run --rm --network n1 busybox ping -c1 y | grep loss; d ps --filter network=n1 --format '{{.Networks}}' | tr , '\\n' | sort; d rm -f aa; d network prune -f",
        "d run -d --name aa -p 8080:80 -p 8081-8082:81-82 -p 127.0.0.1:9000:9000/udp -p 9001:9001/sctp -p [::1]:7000:70 --expose 33 busybox sleep 100; d port aa; d port aa 80; d port aa 80/tcp; d port aa 9000/udp; d port aa 1; d port aa x; d port aa 80/xx; d ps --format '{{.Ports}}'; d inspect -f '{{json .HostConfig.PortBindings}} {{json .Config.ExposedPorts}}' aa",
        "d run --rm -p 70000:80 busybox true; d run --rm -p 80:70000 busybox true; d run --rm -p x busybox true; d run --rm -p 1-2:3-5 busybox true; d run --rm -p 1.2.3:80:80 busybox true; d run --rm -p 80/xyz busybox true; d run --rm --name aa -p 9.9.9.9:80:80 busybox true; d run --rm -p '' busybox true; d run --rm --expose x busybox true; d run --rm -p 0:80 busybox true; d ps -a",
        "d run -d --name aa -p 8080:80 busybox sleep 100; d run -d --name bb -p 8080:80 busybox sleep 100; d ps -a --format '{{.Names}} {{.Status}}'; d run -d -p 8080:80 --network none busybox true; d run -d -p 8080:80 --network host busybox true; d run --rm -p 80 --network container:aa busybox true; d run --rm --network container: busybox true; d run --rm --network host --hostname x busybox hostname; d run --rm --network container:aa --hostname x busybox hostname;  d run --rm --network host --add-host a:1.2.3.4 busybox tail -1 /etc/hosts; d run --rm --network container:aa --add-host a:1.2.3.4 busybox true; d run --rm --network container:aa --dns 1.1.1.1 busybox true;  d run --rm --network container:aa --link aa busybox true; d run --rm --network none --link aa busybox true; d run --rm --network host --link aa busybox true; d run --rm --network container:aa --mac-address 02:00:00:00:00:01 busybox true; d run --rm --network container:aa --expose 22 busybox true; d run --rm --network none --ip 1.2.3.4 busybox true; d run --rm --network host --network none busybox true; d run --rm --network bridge --network none busybox true; d run --rm --network bridge --network bridge busybox true; d run --rm --network-alias x busybox true",
        "d run --rm --add-host a busybox true; d run --rm --add-host a:b busybox true; d run --rm --add-host a=::1 --add-host 'b:[::2]' busybox sh -c 'tail -4 /etc/hosts'; d run --rm --dns x busybox true; d run --rm --dns-search . --dns 9.9.9.9 busybox cat /etc/resolv.conf; d run --rm --dns 9.9.9.9 --dns-option x --dns-opt y busybox cat /etc/resolv.conf; d run --rm --hostname \"$(printf %0100d 1)\" busybox true; d run --rm --link x busybox true; d run --rm --link 'a:b:c' busybox true;  d run --rm --link ':' busybox true; d run --rm --ip6 fe80::1 busybox true; d network create --ipv6 --subnet fd00:1::/64 n6; d run --rm --network n6 busybox ip -o a show eth0 scope global; d run --rm --network n6 --ip6 fd00:1::77 busybox ip -o -6 a show eth0 scope global; d run --rm --network n6 --ip6 fd00:2::1 busybox true; d network inspect n6; d network create --ipv6 n7; d network inspect -f '{{len .IPAM.Config}}' n7; d network create --ipv4=false --ipv6 n8; d network create --ipv4=false n9",
    ]

    static let images = [
        "d images; d images -q; d images --no-trunc; d images --digests; d images nope; d images --filter dangling=true; d images --filter x=y; d images --format '{{.Repository}}:{{.Tag}} {{.ID}}'; d image ls 'bus*'",
        "d image inspect busybox; d inspect busybox; d image inspect busybox nope; d image inspect -f '{{.Architecture}} {{.Config.Cmd}}' busybox",
        "d history busybox; d history -q busybox; d history --no-trunc --format '{{.CreatedBy}}' busybox; d history nope; d history -H=false busybox",
        "d tag busybox foo:bar; d images --format '{{.Tag}}' foo; d rmi foo:bar; d rmi foo:bar; d tag nope x; d tag busybox FOO; d tag busybox foo:-x; d rmi nope nope2; d rmi -f nope",
        "d run -d --name aa busybox sleep 100; d rmi busybox; d tag busybox t2; d rmi t2",
        "d run --name aa busybox sh -c 'mkdir /d; echo q > /d/f; rm /bin/ls; touch /etc/passwd'; d diff aa; d commit -m msg -a me -c 'CMD [\"cat\",\"/d/f\"]' aa new:1; d run --rm new:1; d history --format '{{.Comment}}' new:1; d rmi new:1; d commit nope; d diff nope",
        "$D create --name aa busybox true > o; $D export aa | tar t | sort | head -5; d export -o e.tar aa; d import e.tar imp:1; d import -c 'CMD [\"/bin/sh\",\"-c\",\"echo imp\"]' - imp:2 < e.tar; d run --rm imp:2; d rmi imp:1 imp:2; d export nope > o; d import nofile",
        "d save busybox -o s.tar; tar tf s.tar | grep -v blobs | sort; d load -i s.tar; d load < s.tar; d load -q -i s.tar; d save nope > o; d load -i nofile; echo x | d load; $D save busybox | tar t | grep -c .; d save nope nope2 -o x; ls x",
    ]
}
