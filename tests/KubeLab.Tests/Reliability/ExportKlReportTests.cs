using System.Diagnostics;
using System.Management.Automation;
using System.Text.Json;
using KubeLab.Engine.Reliability.Report;
using KubeLab.Tests.Images;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Reliability;

public sealed class ExportKlReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.html", "", "<!DOCTYPE html>")]
    [InlineData("a.HTM", "", "<!DOCTYPE html>")]
    [InlineData("a.json", "", "{")]
    [InlineData("a.xml", "-MinimumAvailability 0.999", "<?xml")]
    [InlineData("a.txt", "-As Json", "{")]
    [InlineData("a", "-As JUnit -MaximumOutage 5", "<?xml")]
    [InlineData("a.json", "-As Html", "<!DOCTYPE html>")]
    [InlineData("./[a] b.html", "-MaximumLatency 0.5", "<!DOCTYPE html>")]
    public void The_format_follows_As_or_the_extension(string path, string parameters, string start)
    {
        Assert.Empty(Export($"'{path}' {parameters}").Good<object>());
        Assert.StartsWith(start, File.ReadAllText(Path.Combine(_folder.Path, path)), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void All_measurements_of_the_pipeline_are_in_one_report_and_PassThru_hands_them_on()
    {
        var measured = Export("a.json -PassThru | Export-KlReport b.xml -MinimumAvailability 0.9 -PassThru",
            "& { $measured; , $measured }", SampleMeasurement.Create(), SampleMeasurement.Healthy()).Good<KlAvailability>();
        Assert.Equal(["web", "api", "web", "api"], measured.Select(one => one.Name));
        Assert.Equal(4, Read("b.xml").Split("<testsuite ").Length - 1);
    }

    [Theory]
    [InlineData("missing/a.html", "ReportNotWritable", "its folder does not exist")]
    [InlineData("file/a.html", "ReportNotWritable", "not a folder")]
    [InlineData("folder.html", "ReportNotWritable", "it is not a regular file.")]
    [InlineData("/dev/null -As Html", "ReportNotWritable", "it is not a regular file.")]
    [InlineData("/sys/a.html", "ReportNotWritable", "denied")]
    [InlineData("loop.html", "ReportNotWritable", "loop")]
    [InlineData("env:a.html", "ReportNotWritable", "not the path of a file")]
    [InlineData("read-only.html", "ReportNotWritable", "it is read-only, and -Force was not specified.")]
    [InlineData("old.html -NoClobber", "ReportExists", "already exists")]
    [InlineData("a.txt", "ReportFormatUnknown", "The name a.txt does not determine the format")]
    [InlineData("a", "ReportFormatUnknown", "The name a does not determine the format")]
    [InlineData("a.xml", "ReportThresholdMissing", "would contain no tests")]
    public void A_path_that_cannot_be_used_is_an_error_before_the_measurement_starts(string parameters, string id, string message)
    {
        File.WriteAllText(Path.Combine(_folder.Path, "file"), "");
        File.WriteAllText(Path.Combine(_folder.Path, "old.html"), "old");
        File.WriteAllText(Path.Combine(_folder.Path, "read-only.html"), "old");
        File.SetAttributes(Path.Combine(_folder.Path, "read-only.html"), FileAttributes.ReadOnly);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "folder.html"));
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "loop.html"), "loop.html");
        var before = Files();
        var result = Export(parameters, "& { process { $host.UI.WriteLine('started'); $measured } }");
        var error = Assert.Single(result.Errors);
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains(message, error.Exception.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Equal(before, Files());
        Assert.DoesNotContain("started", result.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_only_report_is_replaced_with_Force_and_stays_read_only()
    {
        var path = Path.Combine(_folder.Path, "a.html");
        File.WriteAllText(path, "old");
        File.SetAttributes(path, FileAttributes.ReadOnly);
        Export("a.html -Force").Good<object>();
        Assert.Contains("94.2 %", Read("a.html"), StringComparison.Ordinal);
        Assert.True(new FileInfo(path).IsReadOnly);
    }

    [Fact]
    public void A_new_report_has_the_mode_of_other_new_files_and_a_replaced_one_keeps_its_mode_and_link()
    {
        if (OperatingSystem.IsWindows())
            return;
        Export("new.json").Good<object>();
        var other = Path.Combine(_folder.Path, "other");
        File.WriteAllText(other, "");
        Assert.Equal(File.GetUnixFileMode(other), File.GetUnixFileMode(Path.Combine(_folder.Path, "new.json")));
        File.SetUnixFileMode(other, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "link.json"), "other");
        Export("link.json").Good<object>();
        Assert.Equal("other", new FileInfo(Path.Combine(_folder.Path, "link.json")).LinkTarget);
        Assert.StartsWith("{", Read("other"), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite, File.GetUnixFileMode(other));
    }

    [TheoryWith(Needs.Namespaces)]
    [InlineData("")]
    [InlineData("old")]
    public void A_full_disk_is_an_error_and_the_old_report_stays(string old)
    {
        Run("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", _folder.Path);
        try
        {
            if (old.Length > 0)
                File.WriteAllText(Path.Combine(_folder.Path, "a.html"), old);
            var error = Assert.Single(Export("a.html").Errors);
            Assert.Equal("ReportNotWritable", error.FullyQualifiedErrorId.Split(',')[0]);
            Assert.EndsWith("the disk is full.", error.Exception.Message, StringComparison.Ordinal);
            File.Delete(SavedAs(error));
            Assert.Equal(old, old.Length == 0 ? "" : Read("a.html"));
            Assert.Equal(old.Length == 0 ? 0 : 1, Directory.GetFiles(_folder.Path).Length);
        }
        finally
        {
            Run("umount", _folder.Path);
        }

        static void Run(string program, params string[] arguments)
        {
            using var process = Process.Start(program, arguments);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }
    }

    [Fact]
    public async Task A_reader_sees_whole_reports_while_several_processes_write()
    {
        var path = Path.Combine(_folder.Path, "a.json");
        KlAvailability[][] measured = [[SampleMeasurement.Empty()], [SampleMeasurement.Create(), SampleMeasurement.Create()]];
        await new ReportFile(path, new()).WriteAsync(measured[0], default);
        var writing = Task.WhenAll(Enumerable.Range(0, 40).Select(i => new ReportFile(path, new()).WriteAsync(measured[i % 2], default)));
        do
            using (JsonDocument.Parse(await File.ReadAllTextAsync(path)))
                Assert.Single(Directory.GetFiles(_folder.Path, "*.json"));
        while (!writing.IsCompleted);
        await writing;
        Assert.Single(Files());
    }

    [Fact]
    public void WhatIf_writes_nothing()
    {
        Assert.Equal(["web"], Export("a.html -WhatIf -PassThru").Good<KlAvailability>().Select(one => one.Name));
        Assert.Empty(Files());
    }

    [Fact]
    public void Without_a_measurement_the_old_report_stays()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "a.html"), "old");
        Assert.Equal("ReportEmpty", Assert.Single(Export("a.html", "@()").Errors).FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("old", Read("a.html"));
    }

    [Theory]
    [InlineData("[IO.Directory]::Delete($folder + '/place')", "", "ReportNotWritable", 0)]
    [InlineData("[IO.File]::WriteAllText($folder + '/place/a.json', 'other')", "-NoClobber", "ReportExists", 1)]
    public void A_report_that_cannot_be_written_after_the_measurement_is_saved_elsewhere_and_passed_on(
        string meanwhile, string parameters, string id, int files)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "place"));
        var result = Export($"place/a.json -PassThru {parameters}", $"& {{ process {{ {meanwhile}; $measured }} }}");
        var error = Assert.Single(result.Errors);
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(["web"], result.As<KlAvailability>().Select(one => one.Name));
        var saved = SavedAs(error);
        Assert.Contains("\"kubelab-report\"", File.ReadAllText(saved), StringComparison.Ordinal);
        File.Delete(saved);
        Assert.Equal(files, Files().Count(file => file.EndsWith("a.json 5", StringComparison.Ordinal)));
        Assert.Equal(files, Files().Length);
    }

    private ShellResult Export(string parameters, string input = "$measured", params KlAvailability[] measured) =>
        Shell.Run($$"""
            $place = $ExecutionContext.SessionState.Path
            $place.PushCurrentLocation('report')
            [void]$place.SetLocation($folder)
            try { {{input}} | Export-KlReport {{parameters}} } finally { [void]$place.PopLocation('report') }
            """, null, new Dictionary<string, object?>
        {
            ["folder"] = _folder.Path, ["measured"] = measured.Length > 0 ? measured : [SampleMeasurement.Create()],
        });

    private static string SavedAs(ErrorRecord error) => error.ErrorDetails.RecommendedAction.Split("saved as ")[1].Split(". Correct")[0];

    private string Read(string name) => File.ReadAllText(Path.Combine(_folder.Path, name));

    private string[] Files() => [.. Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).Order()
        .Select(file => $"{file} {new FileInfo(file).Length}")];
}
