using System.Globalization;
using System.Text.RegularExpressions;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Images;

/// <summary>Builds the Dockerfile of a folder with the user's docker command.</summary>
internal static partial class ImageBuild
{
    // BuildKit prints a part of the Dockerfile after the output of the step.
    private const int TailLines = 30;

    /// <summary>Builds the image kubelab/NAME:latest.</summary>
    /// <returns>The image's name.</returns>
    /// <exception cref="KlException">DockerfileNotFound, ImageBuildFailed, and the errors of docker.</exception>
    public static async Task<string> RunAsync(IDocker docker, string folder, string name, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (!File.Exists(Path.Combine(folder, "Dockerfile")))
            throw new KlException(ErrorIds.DockerfileNotFound, KlErrorKind.NotFound, folder,
                Directory.Exists(folder) ? $"No Dockerfile was found in {folder}." : $"The folder {folder} was not found.",
                "Specify a folder that contains a Dockerfile.");
        var image = $"kubelab/{name}:latest";
        var tail = new OutputTail(TailLines);
        events.Step(name, "build");
        var result = await docker.RunAsync(new("build", "--force-rm", "--label", "org.kubelab=image", "--tag", image, folder)
        {
            Line = text =>
            {
                // The classic builder colors the error output of a step.
                var line = Color().Replace(text, "");
                tail.AddLine(line);
                Report(name, line, events);
            },
        }, stop);
        return result.ExitCode == 0 ? image : throw new KlException(ErrorIds.ImageBuildFailed, KlErrorKind.Failed, folder,
            $"docker build of {folder} failed with exit code {result.ExitCode}:\n{tail}",
            "Correct the Dockerfile and run the command again. Completed build steps are cached.");
    }

    private static void Report(string name, string line, IProgress<LabEvent> events)
    {
        if (StepLine().Match(line) is { Success: true } step)
        {
            int Number(string group) => int.Parse(step.Groups[group].Value, CultureInfo.InvariantCulture);
            events.Step(name, $"build: {step.Groups["what"].Value}", 100 * (Number("at") - 1) / Math.Max(1, Number("of")));
        }
        else if (line.Trim().Length > 0)
            events.Detail(name, line);
    }

    // Select Graphic Rendition: ECMA-48, 8.3.117.
    [GeneratedRegex(@"\e\[[0-9;]*m")]
    private static partial Regex Color();

    // "Step 2/5 : RUN make" of the classic builder; "#6 [2/5] RUN make" or "#6 [stage 2/5] RUN make" of BuildKit.
    [GeneratedRegex(
        @"^(Step (?<at>\d{1,4})/(?<of>\d{1,4}) : |#\d+ \[(\S+ +)?(?<at>\d{1,4})/(?<of>\d{1,4})\] )(?<what>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex StepLine();
}
