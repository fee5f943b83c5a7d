# Tests of objects in a shell, on the current context's cluster, where examples/mediawiki.ps1 has run.
#Requires -Version 7.6
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    $manifest = "$PSScriptRoot/../../KubeLab.psd1"
    Import-Module $manifest -Force
    Set-StrictMode -Version Latest
    # The database pod that the demo deleted may still be terminating.
    Get-KlPod | Where-Object Status -eq Terminating | Wait-KlResource -Deleted
    $web = @((Get-KlPod web* | Sort-Object Name).Name)
}

Describe 'A cluster at the prompt' {
    It 'returns objects that can be filtered, sorted, grouped and measured' {
        $web | Should -HaveCount 3
        (Get-KlPod -AllNamespaces | Group-Object Namespace -NoElement | Sort-Object Name).Name | Should -Be 'default', 'kube-system'
        (Get-KlPod | Where-Object Status -ne Running | Measure-Object).Count | Should -Be 0
        (Get-KlNode | Where-Object Age -lt '7d').Name | Should -HaveCount 4
        (Get-KlDeployment | Measure-Object Replicas -Sum).Sum | Should -Be 4
        (Get-KlNode | Sort-Object Age, Name | Select-Object -Last 1).Name | Should -Be kubernetes-1
        (Compare-Object (Get-KlPod) (Get-KlPod web*) -Property Name).Name | Should -BeLike 'database-*'
        (Get-KlPod).Where{ $_.Object.Spec.Containers[0].Name -eq 'web' }.Name | Sort-Object | Should -Be $web
    }

    It 'gets related objects of a piped object' {
        (Get-KlPod web* | Get-KlPod).Name | Sort-Object | Should -Be $web
        foreach ($owner in (Get-KlDeployment web), (Get-KlService web), (Get-KlResource rs web*)) {
            ($owner | Get-KlPod).Name | Sort-Object | Should -Be $web
        }
        (Get-KlNode kubernetes-1 | Get-KlPod).Name | Should -Contain etcd-kubernetes-1
        (Get-KlVm kubernetes-2 | Get-KlNode).Name | Should -Be kubernetes-2
        (Get-KlVm kubernetes-1 | Get-KlPod).Name | Should -Contain etcd-kubernetes-1
        (Get-KlCluster kubernetes | Get-KlNode) | Should -HaveCount 4
        (Get-KlDeployment web | Get-KlLog -Tail 1).Pod | Sort-Object | Should -Be $web
        (Get-KlDeployment web | Get-KlPod | Invoke-KlPodCommand hostname).Line | Sort-Object | Should -Be $web
        (Get-KlDeployment web | Invoke-KlPodCommand hostname).Line | Should -BeIn $web
        (Get-KlPod $web[0] | Get-KlResource).Object.metadata.name | Should -Be $web[0]
    }

    It 'forwards a port of a service to one of its pods' {
        $forward = Get-KlService web | Start-KlPortForward -Port 80 -LocalPort 0
        try { (Invoke-WebRequest "http://127.0.0.1:$($forward.LocalPort)/").StatusCode | Should -Be 200 }
        finally { $forward | Stop-KlPortForward }
        Get-KlPortForward | Should -BeNullOrEmpty
    }

    It 'shows the selected properties, and an object property as its name' {
        Get-KlPod web* | Format-Table Name, Status | Out-String | Should -Match "(?s)^\s*Name +Status.*$($web[0]) Running"
        Get-KlPod $web[0] | Format-List * | Out-String | Should -Not -Match "Object"
        Get-KlDeployment web | Select-Object Name, Ready | ConvertTo-Csv | Should -Be '"Name","Ready"', '"web","3/3"'
        (Get-KlService web | ConvertTo-Json -Depth 3 -WarningAction Ignore | ConvertFrom-Json).Ports[0].Port | Should -Be 80
    }

    It 'does not write passwords to files' {
        $secret = (Get-KlResource secrets kubelab-registry -Namespace kube-system -ShowSecret).Object.data['.dockerconfigjson']
        $auth = ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($secret)) | ConvertFrom-Json -AsHashtable).auths.Values
        $password = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String(@($auth)[0].auth)).Split(':')[1]
        $password.Length | Should -BeGreaterThan 20
        $shown = (Get-KlRegistry), (Get-KlCluster kubernetes), (Get-KlVm kubernetes-1) | ConvertTo-Json -Depth 9 -WarningAction Ignore
        $shown | Should -Match kubernetes-1
        $shown | Should -Not -Match $password
        Get-KlRegistry | Export-Clixml TestDrive:/registry.xml -Depth 5
        Get-Content TestDrive:/registry.xml -Raw | Should -Not -Match $password
    }

    It 'accepts objects from a file, a job or a thread' {
        Get-KlPod web* | Export-Clixml TestDrive:/pods.xml
        (Import-Clixml TestDrive:/pods.xml | Get-KlPod).Status | Should -Be Running, Running, Running
        Import-Clixml TestDrive:/pods.xml | Remove-KlResource -WhatIf
        (Get-KlPod web*) | Should -HaveCount 3
        $job = Start-Job { Import-Module $using:manifest; Get-KlDeployment web }
        ($job | Receive-Job -Wait -AutoRemoveJob | Get-KlPod).Name | Sort-Object | Should -Be $web
        (Get-KlCluster kubernetes), (Get-KlVm kubernetes-1) | Export-Clixml TestDrive:/lab.xml
        $cluster, $machine = Import-Clixml TestDrive:/lab.xml
        $cluster | Get-KlNode | Should -HaveCount 4
        ($machine | Get-KlNode).Name | Should -Be kubernetes-1
        ($cluster | Get-KlEvent).About | Should -Contain deployment/web
        (Get-KlPod web* | ForEach-Object -Parallel { Import-Module $using:manifest; ($_ | Get-KlPod).Name }) | Sort-Object | Should -Be $web
    }

    It 'stops a watch when the pipeline or its job is stopped' {
        (Get-KlPod -Watch | Select-Object -First 4) | Should -HaveCount 4
        (Get-KlLog deployment/database -Follow | Select-Object -First 2) | Should -HaveCount 2
        $job = Start-ThreadJob { Import-Module $using:manifest; Get-KlPod -Watch }
        while (-not ($job | Receive-Job)) { $job.State | Should -BeIn NotStarted, Running }
        $job | Stop-Job
        $job.State | Should -Be Stopped
        $job | Remove-Job
    }

    It 'reports errors as PowerShell errors' {
        { Get-KlPod none -ErrorAction Stop } | Should -Throw "Pod 'none' was not found." -ErrorId 'PodNotFound,KubeLab.Cmdlets.Pods.GetKlPod'
        Get-KlPod none, web* -ErrorAction SilentlyContinue -ErrorVariable wrong | Should -HaveCount 3
        $wrong.CategoryInfo.Category | Should -Be ObjectNotFound
        Get-KlPod none -ErrorAction Ignore
        $? | Should -BeFalse
    }

    It 'completes names' {
        (TabExpansion2 'Get-KlPod web' 13).CompletionMatches.CompletionText | Should -Be $web
        (TabExpansion2 'Get-KlLog deployment/w' 22).CompletionMatches.CompletionText | Should -Be deployment/web
        (TabExpansion2 'Get-KlPod -Namespace kube-s' 27).CompletionMatches.CompletionText | Should -Be kube-system
        (TabExpansion2 'Get-KlLog deployment/web -Container w' 37).CompletionMatches.CompletionText | Should -Be web
    }

    It 'applies the output of other commands' {
        foreach ($number in 1, 2) {
            @{ apiVersion = 'v1'; kind = 'ConfigMap'; metadata = @{ name = "pester-$number" }; data = @{ number = "$number" } } |
                ConvertTo-Json | Set-Content "TestDrive:/$number.yaml"
        }
        $arguments = @{ Namespace = 'default' }
        (Get-ChildItem TestDrive:/*.yaml | Publish-KlManifest @arguments | Where-Object Change -eq Created).Name | Sort-Object | Should -Be pester-1, pester-2
        (Get-Content TestDrive:/2.yaml -Raw | Publish-KlManifest).Change | Should -Be Unchanged
        (Get-KlResource configmaps pester-* | ForEach-Object { [int] $_.Object.data.number } | Measure-Object -Sum).Sum | Should -Be 3
        (Get-KlResource configmaps pester-1).Json | Publish-KlManifest | ForEach-Object Change | Should -Be Unchanged
        Get-KlResource configmaps pester-* | Remove-KlResource -Confirm:$false
        Get-KlResource configmaps pester-* | Should -BeNullOrEmpty
    }
}
