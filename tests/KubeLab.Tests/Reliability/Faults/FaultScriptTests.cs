using System.Diagnostics;
using CliWrap;
using CliWrap.Buffered;
using KubeLab.Engine.Reliability.Faults;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.Reliability.Faults;

/// <summary>The part of faults that runs on machines, in bash, on processes of the test.</summary>
public sealed partial class FaultScriptTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly List<Process> _processes = [];

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
        _folder.Dispose();
    }

    [Fact]
    public async Task Processes_are_stopped_and_continued()
    {
        var (one, two) = (Sleeper(), Sleeper());
        await RunAsync("aaaaaaaa", "freeze list", one, two);
        Assert.Equal(('T', 'T'), (State(one), State(two)));
        await RunAsync("aaaaaaaa", "thaw");
        Assert.Equal(('S', 'S'), (State(one), State(two)));
    }

    [Fact]
    public async Task A_process_that_was_stopped_before_stays_stopped()
    {
        var (stopped, running) = (Sleeper(), Sleeper());
        await RunAsync("other", $"kill -STOP {stopped}");
        await RunAsync("aaaaaaaa", "freeze list", stopped, running);
        await RunAsync("aaaaaaaa", "thaw");
        Assert.Equal(('T', 'S'), (State(stopped), State(running)));
    }

    [Theory]
    [InlineData("aaaaaaaa", "bbbbbbbb")]
    [InlineData("bbbbbbbb", "aaaaaaaa")]
    public async Task A_process_of_two_faults_continues_when_the_last_one_ends(string first, string last)
    {
        var process = Sleeper();
        await RunAsync("aaaaaaaa", "freeze list", process);
        await RunAsync("bbbbbbbb", "freeze list", process);
        await RunAsync(first, "thaw");
        Assert.Equal('T', State(process));
        await RunAsync(last, "thaw");
        Assert.Equal('S', State(process));
    }

    [Fact]
    public async Task A_process_that_reuses_the_id_of_a_stopped_one_is_not_continued()
    {
        var process = Sleeper();
        await RunAsync("other", $"kill -STOP {process}");
        await RunAsync("aaaaaaaa", $"echo '{process} 1' >pids; thaw");
        Assert.Equal('T', State(process));
    }

    [Fact]
    public async Task A_machine_that_is_slow_to_confirm_the_start_is_asked_again() => Assert.Equal("3",
        (await RunAsync("aaaaaaaa", "systemd-notify() { ((++asked > 2)); }; asked=0; ready; [[ -e ready ]] && echo $asked")).Trim());

    [Fact]
    public async Task A_process_that_has_ended_does_not_end_the_script() => Assert.Equal("ended\nended\n",
        await RunAsync("aaaaaaaa", """
            # More than the largest process ID; and an empty file, as a process that ends leaves it.
            if read_process 99999999; then echo runs; else echo ended; fi
            : >stat
            if read_process "self/root$PWD"; then echo runs; else echo ended; fi
            """));

    [Fact]
    public async Task Rules_are_loaded_at_once_in_chains_of_the_fault()
    {
        var rules = await RunAsync("aaaaaaaa", """
            iptables-restore() { echo "$*"; cat; }
            drop 4 PREROUTING -s 10.0.0.2
            drop 4 POSTROUTING -d 10.0.0.2
            load_rules
            """);
        Assert.Equal("""
            -w 30 --noflush
            *mangle
            :KUBELAB-aaaaaaaa-PREROUTING - [0:0]
            -I PREROUTING 1 -j KUBELAB-aaaaaaaa-PREROUTING
            :KUBELAB-aaaaaaaa-POSTROUTING - [0:0]
            -I POSTROUTING 1 -j KUBELAB-aaaaaaaa-POSTROUTING
            -A KUBELAB-aaaaaaaa-PREROUTING -s 10.0.0.2 -j DROP
            -A KUBELAB-aaaaaaaa-POSTROUTING -d 10.0.0.2 -j DROP
            COMMIT
            """, rules.Trim());
    }

    [Fact]
    public async Task A_partition_includes_the_pods_behind_a_node_but_not_the_default_route()
    {
        var peers = await RunAsync("aaaaaaaa", """
            ip() { printf '%s\n' 'default via 10.0.0.1 dev eth0' '10.244.1.0/24 via 10.0.0.2 dev eth0' '10.244.2.0/24 via 10.0.0.3 dev eth0' \
                'default via 10.0.0.2 dev eth1'; }
            with_routes 10.0.0.2
            """);
        Assert.Equal("10.0.0.2\n10.244.1.0/24\n", peers);
    }

    [Fact]
    public async Task Queueing_disciplines_of_two_faults_form_a_chain_and_end_independently()
    {
        const string Tc = """
            tc() { echo "$*"; }
            ip() { :; }
            wire() { echo eth0; }
            TARGETS=''
            """;
        Assert.Equal("qdisc add dev eth0 root handle a1: netem delay 100ms", (await RunAsync("aaaaaaaa", Tc + """

            TC_DISCIPLINE='netem delay 100ms'
            tc() { [[ $2 != show ]] || return 0; [[ $2 == del ]] || echo "$*"; }
            start_NetworkDelay
            """)).Trim());
        var second = await RunAsync("bbbbbbbb", Tc + """

            TC_DISCIPLINE='tbf rate 1mbit'
            tc() { if [[ $2 == show ]]; then echo "qdisc netem a1: root"; elif [[ $2 == add ]]; then echo "$*"; fi; }
            start_NetworkLimit
            """);
        Assert.Equal("qdisc add dev eth0 root handle a1: netem delay 100ms\nqdisc add dev eth0 parent a1:1 handle a2: tbf rate 1mbit\n", second);
        var end = await RunAsync("aaaaaaaa", Tc + "\nend_NetworkDelay");
        Assert.Equal("qdisc del dev eth0 root\nqdisc add dev eth0 root handle a1: tbf rate 1mbit\n", end);
    }

    [Fact]
    public async Task A_queueing_discipline_of_the_user_is_not_replaced()
    {
        var result = await RunAsync("aaaaaaaa", """
            tc() { [[ $2 != show ]] && echo "CHANGED $*" || echo "qdisc htb 1: root refcnt 2"; }
            ip() { :; }
            wire() { echo eth0; }
            TARGETS=''
            TC_DISCIPLINE='tbf rate 1mbit'
            (start_NetworkLimit) || true
            """);
        Assert.Equal("::error FaultUnsupported eth0 already has a queueing discipline of its own\n", result);
    }

    [Fact]
    public async Task Services_that_two_faults_have_stopped_start_when_the_last_one_ends()
    {
        const string Services = """
            STATE=../units
            systemctl() {
              case "$*" in
                cat*) return 0 ;;
                is-active*) grep -qx "${*: -1}.service" $STATE ;;
                list-units*) sed 's/$/ loaded active running/' $STATE ;;
                stop*) sed -i "/^$2.service$/d" $STATE; [[ $2 != containerd ]] || sed -i '/^docker.service$/d' $STATE ;;
                start*) printf '%s\n' "${@:2}" >>$STATE ;;
              esac
            }
            xargs() { local names; names=$(cat); [[ -z $names ]] || "${@:2}" $names; }
            units() { sort $STATE | tr '\n' ' '; }

            """;
        await RunAsync("aaaaaaaa", Services
            + "printf '%s\\n' containerd.service docker.service kubelet.service >$STATE; SERVICE=containerd; start_ServiceStop");
        Assert.Equal("kubelet.service ", await RunAsync("bbbbbbbb", Services + "SERVICE=containerd; start_ServiceStop; units"));
        Assert.Equal("docker.service kubelet.service ", await RunAsync("aaaaaaaa", Services + "end_ServiceStop; units"));
        Assert.Equal("containerd.service docker.service kubelet.service ", await RunAsync("bbbbbbbb", Services + "end_ServiceStop; units"));
    }

    [Theory]
    [InlineData("etcd", "restarted\n")]
    [InlineData("nothing", "::error FaultTargetGone it runs neither a service nor a Kubernetes component named nothing\n")]
    public async Task The_kubelet_starts_a_component_without_back_off_after_the_fault(string service, string output) =>
        Assert.Equal(output, await RunAsync("aaaaaaaa", $$"""
            systemctl() { [[ $* == 'try-restart kubelet' ]] && echo restarted; }
            ctr() { [[ $* != *name*==etcd,* ]] || echo 0123; }
            SERVICE={{service}}
            (start_ServiceStop) || true
            end_ServiceStop
            """));

    [Fact]
    public async Task An_undo_goes_on_past_what_is_gone_and_is_repeated_until_it_succeeds()
    {
        const string Tables = """
            PWD_=$PWD
            tables() {
              local have=$PWD_/../$1.chains; shift 5
              case "$1" in
                -S) [[ -e $PWD_/../busy ]] || { : >"$PWD_/../busy"; return 4; }; sed 's/^/-N /' "$have" ;;
                -D) return 1 ;;
                -F) grep -qx "$2" "$have" ;;
                -X) sed -i "/^$2$/d" "$have" ;;
              esac
            }
            iptables() { tables iptables -w 30 -t "${@:4}"; }
            ip6tables() { tables ip6tables -w 30 -t "${@:4}"; }
            sleep() { :; }
            KIND=NetworkPartition
            """;
        await RunAsync("aaaaaaaa", """
            : >rules4; : >rules6; : >ready
            for family in iptables ip6tables; do printf '%s\n' KUBELAB-aaaaaaaa-PREROUTING KUBELAB-aaaaaaaa-POSTROUTING other >../$family.chains; done
            """);
        Assert.Equal("", await UndoAsync("aaaaaaaa", Tables));
        foreach (var program in new[] { "iptables", "ip6tables" })
            Assert.Equal("other\n", await File.ReadAllTextAsync(Path.Combine(_folder.Path, program + ".chains")));
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "aaaaaaaa")));
    }

    [Fact]
    public async Task A_clock_that_cannot_be_set_leaves_the_time_daemons_running()
    {
        const string Clock = """
            SHARED_KERNEL=false KIND=ClockSkew BY=60
            systemd-detect-virt() { echo none; return 1; }
            systemctl() { [[ $1 != is-active ]] && echo "$*" || [[ $3 == chrony ]]; }
            xargs() { local names; names=$(cat); [[ -z $names ]] || "${@:2}" $names; }
            date() { return 1; }

            """;
        Assert.Equal("stop chrony\n::error FaultUnsupported its clock cannot be set\n", await RunAsync("aaaaaaaa", Clock + "(start_ClockSkew) || true"));
        Assert.Equal("start chrony\n", await UndoAsync("aaaaaaaa", Clock));
    }

    [Theory]
    [InlineData("command() { [[ $2 != iptables-restore ]]; }; drop 4 INPUT; load_rules", "iptables-restore is not installed")]
    [InlineData("command() { [[ $2 != tc ]]; }; TARGETS=; start_NetworkLimit", "tc is not installed")]
    [InlineData("ip() { :; }; TARGETS= MACHINE_ADDRESS=10.0.0.2 PROBABILITY=1; start_NetworkLoss", "no network device has its address, 10.0.0.2")]
    public async Task A_missing_tool_or_device_is_not_reported_as_a_missing_feature_of_the_kernel(string commands, string message) =>
        Assert.Equal($"::error FaultUnsupported {message}\n", await RunAsync("aaaaaaaa", $"({commands}) || true"));

    // Nothing of this changes the computer of the test.
    private int Sleeper()
    {
        var process = Process.Start(new ProcessStartInfo("sleep", ["300"]))!;
        _processes.Add(process);
        // Until the program is running, the process is still a copy of this one.
        for (; File.ReadAllText($"/proc/{process.Id}/comm").Trim() != "sleep" || State(process.Id) != 'S'; Thread.Yield())
            Assert.False(process.HasExited);
        return process.Id;
    }

    private static char State(int process)
    {
        // A signal takes effect when the process is scheduled.
        char Read() => File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1][0];
        for (var clock = Stopwatch.StartNew(); Read() == 'R' && clock.Elapsed < TimeSpan.FromSeconds(10); Thread.Yield())
        {
        }
        return Read();
    }

    // As systemd runs it.
    private async Task<string> UndoAsync(string id, string functions)
    {
        var here = Path.Combine(_folder.Path, id);
        await File.WriteAllTextAsync(Path.Combine(here, "program"), $"ID={id}\n{MachineFaults.Functions}\ncd '{here}'\n{functions}\n\"$1\"\n");
        return await RunAsync(id, "bash program undo");
    }

    private async Task<string> RunAsync(string id, string commands, params int[] processes)
    {
        var here = Directory.CreateDirectory(Path.Combine(_folder.Path, id)).FullName;
        var text = $"ID={id}\n{MachineFaults.Functions}\ncd '{here}'\nlist() {{ printf '%s\\n' {string.Join(' ', processes)}; }}\n{commands}\n";
        var result = await Cli.Wrap("bash").WithArguments(["-s"]).WithStandardInputPipe(PipeSource.FromString(text))
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        Assert.True(result.ExitCode == 0, result.StandardOutput + result.StandardError);
        return result.StandardOutput;
    }
}
