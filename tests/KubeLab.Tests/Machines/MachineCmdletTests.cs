using System.Net;
using KubeLab.Engine;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Machines;
using KubeLab.Engine.Machines.Docker;
using KubeLab.Engine.Machines.Ssh;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Machines;

public sealed partial class MachineCmdletTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly FakeEngine _docker = new();

    public void Dispose() => _folder.Dispose();

    private LabEngine Engine(IDocker? docker = null, FakeHosts? hosts = null) => new(hosts ?? FakeHosts.Up(),
        [new DockerProvider(docker ?? _docker, FakeHosts.Up(), new(_folder.Path, TimeProvider.System), TimeProvider.System), new OwnHostProvider()],
        TimeProvider.System);

    [Fact]
    public void New_KlVm_numbers_machines_from_one()
    {
        var run = Shell.Run("New-KlVm -Name lab -Count 3", Engine());
        Assert.Equal(["lab-1", "lab-2", "lab-3"], run.Good<Machine>().Select(one => one.Name).Order());
        Assert.True(Assert.Single(run.Stages).Changes > 0);
        Assert.Equal(0, Assert.Single(Shell.Run("New-KlVm lab -Count 3", Engine()).Stages).Changes);
    }

    [Fact]
    public void New_KlVm_accepts_an_image_that_Get_KlVm_shows_and_the_lab_keeps()
    {
        _docker.HasImage = false;
        Assert.All(Shell.Run("New-KlVm lab -Count 2 -Image docker.io/library/debian:13", Engine()).Good<Machine>(), one =>
            Assert.Equal("debian:13", one.Image));
        Assert.Contains("\nFROM debian:13\n", _docker.Dockerfile, StringComparison.Ordinal);
        Assert.Equal(["debian:13", "debian:13", "debian:13"], Shell.Run("New-KlVm lab -Count 3", Engine()).Good<Machine>().Select(one => one.Image));
        Assert.Equal(["debian:12"], Shell.Run("New-KlVm other", Engine()).Good<Machine>().Select(one => one.Image));
        Assert.Equal(["debian:13", "debian:13", "debian:13", "debian:12"], Shell.Run("Get-KlVm", Engine()).Good<Machine>().Select(one => one.Image));
        Assert.Equal(2, _docker.Containers.Select(one => one.Arguments[^1]).Distinct().Count());
        var error = Assert.Single(Shell.Run("New-KlVm lab -Image ubuntu:24.04", Engine()).Errors);
        Assert.Equal(("ImageDiffers,KubeLab.Cmdlets.Machines.NewKlVm", "lab-1"), (error.FullyQualifiedErrorId, error.TargetObject));
    }

    [Theory]
    [InlineData("debian:13`nRUN true")]
    [InlineData("debian 13")]
    [InlineData("-debian")]
    [InlineData("debian:")]
    [InlineData("Debian:13")]
    [InlineData("../debian")]
    [InlineData("https://docker.io/debian")]
    public void An_invalid_image_name_is_rejected(string image)
    {
        var error = Assert.Single(Shell.Run($"New-KlVm lab -Image \"{image}\"", Engine()).Errors);
        Assert.StartsWith("ImageInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("debian:13", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(_docker.Containers);
    }

    [Theory]
    [InlineData("Step 4/9 : RUN echo \"kubelab-base: $PRETTY_NAME\"\n ---> Running in 1\nkubelab-base: Alpine Linux v3.20\nReturned a non-zero code: 1",
        "ImageUnsupported", "Alpine Linux v3.20")]
    [InlineData("#6 [2/6] RUN echo \"kubelab-base: $PRETTY_NAME\"\n#6 0.213 kubelab-base: Rocky Linux 9.4 (Blue Onyx)\n#6 ERROR",
        "ImageUnsupported", "Rocky Linux 9.4")]
    [InlineData("runc create failed: exec: \"/bin/sh\": stat /bin/sh: no such file or directory: unknown", "ImageUnsupported", "no shell")]
    [InlineData("pull access denied for my/base, repository does not exist or may require 'docker login'", "ImageNotFound", "pull access denied")]
    [InlineData("manifest for debian:99 not found: manifest unknown", "ImageNotFound", "debian:99")]
    [InlineData("E: No space left on device", "DockerDiskFull", "is full")]
    [InlineData("E: Unable to locate package conntrack", "NodeImageFailed", "Unable to locate package")]
    public void An_unsuitable_image_is_one_error_that_gives_the_reason(string build, string errorId, string expected)
    {
        var error = Assert.Single(Shell.Run("New-KlVm lab -Count 2 -Image my/base:1", Engine(new FakeEngine { HasImage = false, BuildFailure = build }))
            .Errors);
        Assert.StartsWith(errorId + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void New_KlVm_without_Count_creates_one() =>
        Assert.Equal("lab-1", Assert.Single(Shell.Run("New-KlVm lab", Engine()).Good<Machine>()).Name);

    [Fact]
    public void New_KlVm_WhatIf_does_not_contact_the_engine()
    {
        Assert.Empty(Shell.Run("New-KlVm lab -Count 2 -WhatIf", Engine()).Good<Machine>());
        Assert.Empty(_docker.Calls);
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("under_score")]
    [InlineData("-dash")]
    [InlineData("../up")]
    public void New_KlVm_rejects_names_that_are_not_valid_host_names(string name)
    {
        var error = Assert.Single(Shell.Run($"New-KlVm '{name}' -Count 2", Engine()).Errors);
        Assert.StartsWith("NameInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(_docker.Containers);
    }

    [Fact]
    public void A_missing_engine_is_one_error_for_any_number_of_machines()
    {
        var error = Assert.Single(Shell.Run("New-KlVm lab -Count 4", Engine(new DockerCli(TimeProvider.System, Path.Combine(_folder.Path, "none")))).Errors);
        Assert.StartsWith("DockerNotInstalled,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.NotNull(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void A_failed_image_build_is_one_error_with_the_output_of_the_build()
    {
        var error = Assert.Single(Shell.Run("New-KlVm lab -Count 4", Engine(new FakeEngine { HasImage = false, BuildFailure = "no route to the mirror" }))
            .Errors);
        Assert.StartsWith("NodeImageFailed,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("no route to the mirror", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_conflict_does_not_stop_the_other_machines()
    {
        _docker.Add("lab-2");
        var run = Shell.Run("New-KlVm lab -Count 3", Engine());
        Assert.Equal(["lab-1", "lab-3"], run.As<Machine>().Select(one => one.Name).Order());
        Assert.Equal(("NameTaken,KubeLab.Cmdlets.Machines.NewKlVm", "lab-2"), (Assert.Single(run.Errors).FullyQualifiedErrorId, run.Errors[0].TargetObject));
    }

    [Fact]
    public void Own_hosts_are_numbered_in_order_and_keep_their_number()
    {
        var engine = Engine();
        var first = Shell.Run("New-KlVm rack -HostName a.example, b.example -User admin -Port 2222 -Address 10.0.0.1, 10.0.0.2", engine).Good<Machine>();
        Assert.Equal(["rack-1 a.example 10.0.0.1", "rack-2 b.example 10.0.0.2"], first.Select(one => $"{one.Name} {one.Id} {one.Address}").Order());
        Assert.Equal(["rack-2 b.example", "rack-3 c.example"],
            Shell.Run("New-KlVm rack -HostName c.example, b.example", engine).Good<Machine>().Select(one => $"{one.Name} {one.Id}").Order());
    }

    [Fact]
    public void Get_KlVm_accepts_wildcards_for_machines_and_labs_and_reports_missing_names()
    {
        var engine = Engine();
        Shell.Run("New-KlVm a -Count 2; New-KlVm b -Count 2", engine);
        Assert.Equal(["a-1", "a-2", "b-1", "b-2"], Shell.Run("Get-KlVm", engine).Good<Machine>().Select(one => one.Name));
        Assert.Equal(["a-1", "a-2"], Shell.Run("Get-KlVm A", engine).Good<Machine>().Select(one => one.Name));
        Assert.Equal(["a-2", "b-2"], Shell.Run("Get-KlVm *-2 -Provider docker", engine).Good<Machine>().Select(one => one.Name));
        Assert.Empty(Shell.Run("Get-KlVm c*", engine).Good<Machine>());
        var missing = Shell.Run("Get-KlVm a-1, c", engine);
        Assert.Equal("a-1", Assert.Single(missing.As<Machine>()).Name);
        Assert.StartsWith("MachineNotFound,", Assert.Single(missing.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("ProviderNotFound,", Assert.Single(Shell.Run("Get-KlVm -Provider Moon", engine).Errors).FullyQualifiedErrorId,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Get_KlVm_shows_a_machines_location_and_image()
    {
        var vm = new Machine
        {
            Name = "kubernetes-1", Lab = "kubernetes", Provider = "OpenStack", Id = "1", State = "Running",
            Address = "10.77.1.1", PublicAddress = "203.0.113.254",
            ApiEndpoint = "203.0.113.254:6443", Ssh = new("203.0.113.254", 22, "kubelab"), Size = "m1.small",
            Image = "Debian 12", Created = new DateTime(2026, 11, 22, 12, 0, 0, DateTimeKind.Local),
        };
        Assert.Equal("""

            Name         Provider  State   Address   Ssh                      Size     Image     Created
            ----         --------  -----   -------   ---                      ----     -----     -------
            kubernetes-1 OpenStack Running 10.77.1.1 kubelab@203.0.113.254:22 m1.small Debian 12 2026-11-22 12:00


            """, Shell.Show("$vm", variables: new Dictionary<string, object?> { ["vm"] = vm }));
    }

    [Fact]
    public void Get_KlVm_skips_a_provider_whose_tools_are_not_installed()
    {
        var engine = Engine(new DockerCli(TimeProvider.System, Path.Combine(_folder.Path, "none")));
        Shell.Run("New-KlVm rack -HostName a.example -Address 10.0.0.1", engine);
        Assert.Equal("rack-1", Assert.Single(Shell.Run("Get-KlVm", engine).Good<Machine>()).Name);
    }

    [Fact]
    public void Machine_names_are_completed()
    {
        var run = Shell.Run("$null = New-KlVm lab -Count 2; (TabExpansion2 'Get-KlVm lab-' 13).CompletionMatches.CompletionText; "
            + "(TabExpansion2 'Remove-KlVm lab-' 16).CompletionMatches.CompletionText", Engine());
        Assert.Equal(["lab-1", "lab-2", "lab-1", "lab-2"], run.Good<string>());
    }

    [Theory]
    [InlineData("-Provider Ssh", "HostNameMissing", "-HostName")]
    [InlineData("-Provider OpenStack", "ImageMissing", "-Image and -Flavor")]
    [InlineData("-Provider Docker -HostName rack", "ProviderMismatch", "omit -Provider")]
    [InlineData("-Provider Docker -Image Debian -Flavor small", "ProviderMismatch", "omit -Provider")]
    [InlineData("-Provider Ssh -Image Debian -Flavor small", "HostNameMissing", "-HostName")]
    [InlineData("-Provider Attic", "ProviderNotFound", "Docker, Ssh, OpenStack")]
    public void Parameters_of_another_provider_are_an_error(string parameters, string errorId, string next)
    {
        var error = Assert.Single(Shell.Run($"New-KlVm lab {parameters}").Errors);
        Assert.Equal($"{errorId},KubeLab.Cmdlets.Machines.NewKlVm", error.FullyQualifiedErrorId);
        Assert.Contains(next, error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    /// <summary>Stores hosts like the Ssh provider, without connecting.</summary>
    private sealed class OwnHostProvider : IMachineProvider<SshMachineSpec>
    {
        private readonly List<Machine> _machines = [];

        public string Name => "Ssh";

        public IAsyncEnumerable<Machine> ListAsync(string? lab, CancellationToken stop) =>
            _machines.Where(one => lab is null || one.Lab == lab).ToList().ToAsyncEnumerable();

        public Task<Machine> CreateAsync(SshMachineSpec asked, IProgress<LabEvent> events, CancellationToken stop)
        {
            lock (_machines)
            {
                if (_machines.Find(one => one.Name == asked.Name) is { } known)
                    return Task.FromResult(known);
                _machines.Add(new()
                {
                    Name = asked.Name, Lab = asked.Lab, Provider = Name, Id = asked.HostName, State = "Running",
                    Address = $"{asked.Address ?? IPAddress.Loopback}", ApiEndpoint = "x:6443",
                    Ssh = new(asked.HostName, asked.Port ?? 22, asked.User ?? "root"),
                });
                return Task.FromResult(_machines[^1]);
            }
        }

        public Task DeleteAsync(Machine machine, IProgress<LabEvent> events, CancellationToken stop) =>
            throw new InvalidOperationException("unexpected removal");
    }
}
